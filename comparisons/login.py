"""The admin's login form, which does not repeat a user name that is too long."""

from typing import Any

from django.contrib.admin.forms import AdminAuthenticationForm
from django.contrib.auth.forms import UsernameField
from django.forms import TextInput


class ShortUsernameField(UsernameField):
    def bound_data(self, data: Any, initial: Any) -> Any:
        """Cut the name that the page shows again: no user has a longer one."""
        value = super().bound_data(data, initial)
        return value[: self.max_length] if isinstance(value, str) else value


class LoginForm(AdminAuthenticationForm):
    username = ShortUsernameField(widget=TextInput(attrs={"autofocus": True}))
