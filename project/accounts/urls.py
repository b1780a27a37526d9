"""The addresses of accounts."""

from django.contrib.auth.views import LoginView, LogoutView
from django.urls import path

from project.accounts import views

app_name = "accounts"
urlpatterns = [
    path("", views.profile, name="profile"),
    path("mail/", views.mail, name="mail"),
    path("signup/", views.sign_up, name="signup"),
    path(
        "login/",
        LoginView.as_view(template_name="accounts/login.html", redirect_authenticated_user=True),
        name="login",
    ),
    path("logout/", LogoutView.as_view(), name="logout"),
]
