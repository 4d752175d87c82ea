"""What to show of many comparisons, page by page, the newest first."""

from datetime import UTC, datetime, time

from django import forms
from django.utils.dateparse import parse_datetime
from django.utils.timezone import is_aware
from rest_framework.exceptions import NotFound
from rest_framework.pagination import Cursor, CursorPagination
from rest_framework.request import Request

from comparisons.engine import METHODS, SizePolicy
from comparisons.models import ComparisonQuerySet

ANY = ("", "Any")
# In the history stands what was applied, which ``error`` never is.
APPLIED = [policy for policy in SizePolicy if policy is not SizePolicy.ERROR]
NO_POLICY = "none"


class HistoryForm(forms.Form):
    """What to look for; all of it may be left out. Days are those of UTC."""

    q = forms.CharField(label="Source, id or SHA-256", required=False, max_length=1000)
    match = forms.ChoiceField(
        label="Verdict",
        required=False,
        choices=[ANY, ("true", "Match"), ("false", "No match")],
    )
    method = forms.ChoiceField(
        label="Method", required=False, choices=[ANY, *((name, name) for name in METHODS)]
    )
    size_policy = forms.ChoiceField(
        label="Size policy",
        required=False,
        choices=[
            ANY,
            (NO_POLICY, "Same size"),
            *((policy.value, policy.value.capitalize()) for policy in APPLIED),
        ],
    )
    since = forms.DateField(
        label="From", required=False, widget=forms.DateInput(attrs={"type": "date"})
    )
    until = forms.DateField(
        label="To", required=False, widget=forms.DateInput(attrs={"type": "date"})
    )

    def select(self, comparisons: ComparisonQuerySet) -> ComparisonQuerySet:
        """Take those that are looked for; none if that can't be read."""
        if not self.is_valid():
            return comparisons.none()
        wanted = self.cleaned_data
        if wanted["match"]:
            comparisons = comparisons.filter(match=wanted["match"] == "true")
        if wanted["method"]:
            comparisons = comparisons.filter(method=wanted["method"])
        if wanted["size_policy"]:
            policy = wanted["size_policy"]
            comparisons = comparisons.filter(
                size_policy_applied=None if policy == NO_POLICY else policy
            )
        if wanted["since"]:
            first = datetime.combine(wanted["since"], time.min, UTC)
            comparisons = comparisons.filter(created_at__gte=first)
        if wanted["until"]:
            last = datetime.combine(wanted["until"], time.max, UTC)
            comparisons = comparisons.filter(created_at__lte=last)
        return comparisons.search(wanted["q"]) if wanted["q"] else comparisons


class HistoryPagination(CursorPagination):
    """Pages that stay in place while new comparisons come in, the thousandth as quick as the first."""

    page_size = 24
    ordering = ("-created_at", "-id")

    def decode_cursor(self, request: Request) -> Cursor | None:
        """:raises NotFound: the cursor is none of ours."""
        cursor = super().decode_cursor(request)
        if cursor and cursor.position is not None and not is_moment(str(cursor.position)):
            raise NotFound(self.invalid_cursor_message)
        return cursor


def is_moment(text: str) -> bool:
    """Tell whether it is a moment as cursors hold it: with its time zone, and one that UTC has too."""
    try:
        moment = parse_datetime(text)
        return moment is not None and is_aware(moment) and bool(moment.astimezone(UTC))
    except (ValueError, OverflowError):
        return False
