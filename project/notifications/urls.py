"""The addresses of mails to read, in embedded mode only; and that of what people choose, everywhere."""

from django.urls import path

from project.notifications import choosing, views

app_name = "mail"
urlpatterns = [
    path("", views.mail_list, name="list"),
    path("<int:pk>/", views.detail, name="detail"),
    path("<int:pk>/<int:number>/", views.attachment, name="attachment"),
    path("choices/<str:token>/", choosing.choose, name="choices"),
]
