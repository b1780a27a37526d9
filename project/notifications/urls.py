"""The addresses of kept mails."""

from django.urls import path

from project.notifications import views

app_name = "mail"
urlpatterns = [
    path("", views.mail_list, name="list"),
    path("<str:name>/<int:index>/", views.detail, name="detail"),
    path("<str:name>/<int:index>/<int:number>/", views.attachment, name="attachment"),
]
