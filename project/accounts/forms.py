"""What people tell of themselves."""

from django import forms
from django.contrib.auth.forms import UserCreationForm

from project.accounts.models import Profile, User


class SignUpForm(UserCreationForm):  # type: ignore[type-arg]
    """Name, address, password twice."""

    class Meta(UserCreationForm.Meta):
        model = User
        fields = ("username", "email")
        widgets = {"email": forms.EmailInput({"autocomplete": "email"})}

    def clean_email(self) -> str:
        """Refuse an address that is taken: the model's constraint would say so, but not at the field."""
        email = str(self.cleaned_data["email"])
        if User.objects.filter(email__iexact=email).exists():
            raise forms.ValidationError("Somebody has signed up with this e-mail address already.")
        return email


class ProfileForm(forms.ModelForm):  # type: ignore[type-arg]
    """The profile."""

    class Meta:
        model = Profile
        fields = ("bio",)
        labels = {"bio": "About you"}
