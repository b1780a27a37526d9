"""The site's addresses."""

from django.conf import settings
from django.contrib import admin
from django.urls import include, path

from project.catalog import views as catalog
from project.notifications import webhooks
from project.orders import views as orders
from project.pages import health, views

# The list of products is the catalog's; a product's page takes orders, which lie above the catalog.
shop = [
    path("", catalog.product_list, name="list"),
    path("<slug:slug>/", orders.product, name="detail"),
]

urlpatterns = [
    path("", views.home, name="home"),
    path("accounts/", include("project.accounts.urls")),
    path("blog/", include("project.blog.urls")),
    path("photos/", include("project.photos.urls")),
    path("shop/", include((shop, "shop"))),
    path("orders/", include("project.orders.urls")),
    path("statistics/", include("project.figures.urls")),
    path("jobs/", include("project.jobs.urls")),
    path("mail/events/", include(webhooks.routes(settings.MAIL_EVENTS))),
    path("mail/", include("project.notifications.urls")),
    path("admin/", admin.site.urls),
    path("favicon.ico", views.favicon),
    path("healthz", health.healthz),
    path("readyz", health.readyz),
]
