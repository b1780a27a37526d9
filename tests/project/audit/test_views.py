from project.audit.models import AuditEntry


def test_the_admin_shows_the_audit_trail_and_nobody_writes_it(admin_client, ada, work):
    work()
    entry = AuditEntry.objects.first()

    assert admin_client.get("/admin/audit/auditentry/").status_code == 200
    assert admin_client.get(f"/admin/audit/auditentry/{entry.pk}/change/").status_code == 200
    assert admin_client.get("/admin/audit/auditentry/add/").status_code == 403
    assert admin_client.post(f"/admin/audit/auditentry/{entry.pk}/delete/").status_code == 403
