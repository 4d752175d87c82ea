"""What keeps the admin's list quick however long it is: no page counts, visits or sorts all rows."""

from datetime import datetime, timedelta
from typing import Any

from django.contrib.admin.views.main import ChangeList
from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.functional import cached_property

from .models import Comparison, ComparisonQuerySet

MAX_COUNTED = 10_000


class BoundedPaginator(Paginator[Comparison]):
    """Counts no further than anyone turns pages; filters and dates lead to what is older."""

    object_list: QuerySet[Comparison]

    @cached_property
    def count(self) -> int:
        # Sorted, the rows of two filters would be looked for along the index of a column: in all of it.
        return self.object_list.order_by()[:MAX_COUNTED].count()


class IndexedChangeList(ChangeList):
    """Sorts as the indexes do: rows that are equal in a column run the same way as the column."""

    def get_ordering(self, request: HttpRequest, queryset: QuerySet[Comparison]) -> list[Any]:
        *columns, _ = super().get_ordering(request, queryset)
        # An address may ask for a column that can't be sorted by.
        columns = columns or ["-created_at"]
        return [*columns, "-pk" if str(columns[0]).startswith("-") else "pk"]


class IndexedQuerySet(ComparisonQuerySet):
    def datetimes(self, field_name: str, kind: str, *_args: Any, **_kwargs: Any) -> Any:
        """List the years, months or days that have rows: for the links to them.

        Goes from one to the next by the index, where Django's own truncates the date of every row.
        """
        moments = self.order_by(field_name).values_list(field_name, flat=True)
        starts: list[datetime] = []
        moment = moments.first()
        while moment:
            starts.append(find_start(moment, kind))
            moment = moments.filter(**{f"{field_name}__gte": find_end(starts[-1], kind)}).first()
        return starts


def find_start(moment: datetime, kind: str) -> datetime:
    midnight = moment.replace(hour=0, minute=0, second=0, microsecond=0)
    return {
        "year": midnight.replace(month=1, day=1),
        "month": midnight.replace(day=1),
        "day": midnight,
    }[kind]


def find_end(start: datetime, kind: str) -> datetime:
    longest = {"year": 366, "month": 31, "day": 1}[kind]
    return find_start(start + timedelta(days=longest), kind)
