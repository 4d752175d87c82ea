"""The login page of the admin, which repeats no more of what was sent than a person types."""

from typing import Any

from django.contrib import admin
from django.contrib.admin.forms import AdminAuthenticationForm
from django.contrib.auth import REDIRECT_FIELD_NAME
from django.contrib.auth.forms import UsernameField
from django.core.exceptions import SuspiciousOperation
from django.forms import TextInput
from django.http import HttpRequest, HttpResponse

MAX_REDIRECT_LENGTH = 1000


class ShortUsernameField(UsernameField):
    def bound_data(self, data: Any, initial: Any) -> Any:
        """Cut what is shown again: no user has a longer name."""
        value = super().bound_data(data, initial)
        return value[: self.max_length] if isinstance(value, str) else value


class LoginForm(AdminAuthenticationForm):
    username = ShortUsernameField(widget=TextInput(attrs={"autofocus": True}))


def login(request: HttpRequest) -> HttpResponse:
    """Show the login page of the admin, or log in.

    :raises SuspiciousOperation: the page to go on to has too long an address.
    """
    if len(request.POST.get(REDIRECT_FIELD_NAME, "")) > MAX_REDIRECT_LENGTH:
        raise SuspiciousOperation(f"{REDIRECT_FIELD_NAME} has too many characters")
    return admin.site.login(request)
