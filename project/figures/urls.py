"""The addresses of the statistics."""

from django.urls import path

from project.figures import views

app_name = "statistics"
urlpatterns = [
    path("", views.overview, name="overview"),
    path("<slug:name>.csv", views.table, name="table"),
]
