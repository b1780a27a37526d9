"""The addresses of the blog."""

from django.urls import path

from project.blog import views

app_name = "blog"
urlpatterns = [
    path("", views.post_list, name="list"),
    path("new/", views.new, name="new"),
    path("<slug:slug>/", views.detail, name="detail"),
]
