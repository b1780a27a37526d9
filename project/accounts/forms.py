"""What people tell of themselves."""

from django import forms
from django.contrib.auth.forms import UserCreationForm
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from project.accounts.models import Profile, User, time_zones


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
            raise forms.ValidationError(_("Somebody has signed up with this e-mail address already."))
        return email


class ProfileForm(forms.ModelForm):  # type: ignore[type-arg]
    """The profile."""

    class Meta:
        model = Profile
        fields = ("bio",)
        labels = {"bio": gettext_lazy("About you")}


def zone_choices() -> list[tuple[str, str]]:
    """Return the time zones to choose from, UTC first."""
    names = sorted(time_zones(), key=lambda name: (name != "UTC", name))
    return [(name, name.replace("_", " ")) for name in names]


class ReaderForm(forms.ModelForm):  # type: ignore[type-arg]
    """How mails and pages are written for somebody."""

    time_zone = forms.ChoiceField(label=gettext_lazy("Time zone"), choices=zone_choices)

    class Meta:
        model = User
        fields = ("language", "time_zone")
