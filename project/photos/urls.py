"""The addresses of photographs."""

from django.urls import path

from project.photos import views

app_name = "photos"
urlpatterns = [
    path("", views.photo_list, name="list"),
    path("new/", views.new, name="new"),
    path("draw-missing/", views.draw_missing, name="draw-missing"),
    path("<int:pk>/", views.detail, name="detail"),
    path("<int:pk>/replace/", views.replace, name="replace"),
    path("<int:pk>/delete/", views.delete, name="delete"),
    path("<int:pk>/<slug:spec>.<slug:extension>", views.rendition, name="rendition"),
]
