"""The addresses of orders."""

from django.urls import path

from project.orders import views

app_name = "orders"
urlpatterns = [
    path("", views.order_list, name="list"),
    path("<slug:number>/", views.detail, name="detail"),
    path("<slug:number>/pay/", views.pay, name="pay"),
    path("<slug:number>/cancel/", views.cancel, name="cancel"),
    path("<slug:number>/refund/", views.refund, name="refund"),
    path("<slug:number>/<slug:name>.pdf", views.invoice, name="invoice"),
]
