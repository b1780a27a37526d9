"""The addresses of orders."""

from django.urls import path

from project.orders import changes, files, views

app_name = "orders"
urlpatterns = [
    path("", views.order_list, name="list"),
    path("address/", views.address, name="address"),
    path("<slug:number>/", views.detail, name="detail"),
    path("<slug:number>/pay/", changes.pay, name="pay"),
    path("<slug:number>/cancel/", changes.cancel, name="cancel"),
    path("<slug:number>/refund/", changes.refund, name="refund"),
    path("<slug:number>/refund/part/", changes.refund_part, name="refund_part"),
    path("<slug:number>/<slug:name>.pdf", files.pdf, name="invoice"),
    path("<slug:number>/<slug:name>.xml", files.xml, name="invoice_xml"),
]
