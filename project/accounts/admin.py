"""Users and profiles in the admin."""

from django.contrib import admin
from django.contrib.auth.admin import UserAdmin as DjangoUserAdmin

from project.accounts.models import Profile, User


@admin.register(User)
class UserAdmin(DjangoUserAdmin):  # type: ignore[type-arg]
    """Users: as Django's own, with the e-mail address that each must have."""

    fieldsets = (*(DjangoUserAdmin.fieldsets or ()), (None, {"fields": ("language", "time_zone")}))
    add_fieldsets = (
        (None, {"classes": ("wide",), "fields": ("username", "email", "usable_password", "password1", "password2")}),
    )


@admin.register(Profile)
class ProfileAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    """Profiles."""

    list_display = ("user", "date_joined")
    list_select_related = ("user",)
    raw_id_fields = ("user",)
    search_fields = ("user__username",)
