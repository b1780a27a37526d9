# One image for every role: by itself it is the site; compose.yaml says what else it can be.

FROM python:3.13-slim AS packages
COPY requirements/lock.txt .
# Wheels only: what has none would run code of its own here, and want a compiler.
RUN python -m venv --without-pip /venv \
    && pip --python /venv/bin/python install --no-cache-dir --disable-pip-version-check \
        --only-binary :all: --require-hashes -r lock.txt

FROM python:3.13-slim
ENV PATH=/venv/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    PYTHONDONTWRITEBYTECODE=1 \
    DEBUG=false \
    LOG_FORMAT=json \
    MEDIA_ROOT=/media \
    MAIL_NOTES_ROOT=/notes
# A volume that is mounted there for the first time gets its owner from here.
RUN useradd --uid 10001 --no-create-home --shell /usr/sbin/nologin site \
    && install --directory --owner=site --group=site /media /notes
WORKDIR /app
COPY --from=packages /venv /venv
COPY manage.py celery_worker.py ./
COPY project project
COPY receivers receivers
COPY tasks tasks
# The key and the mail server of this one command, which needs neither, stay out of the image.
RUN SECRET_KEY=not-used EMAIL_URL=smtp://not-used python manage.py collectstatic --no-input \
    && python -m compileall -q .
USER site
EXPOSE 8000
# WEB_CONCURRENCY is the number of processes. Gunicorn's heartbeat is a file: on a disk, a slow write looks like a hang.
CMD ["gunicorn", "project.wsgi", "--bind=0.0.0.0:8000", "--worker-class=gthread", "--threads=8", \
     "--worker-tmp-dir=/dev/shm", "--no-control-socket", "--log-level=warning"]
