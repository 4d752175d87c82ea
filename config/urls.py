from django.contrib import admin
from django.urls import include, path, re_path

from comparisons.api.views import UnknownPathView
from comparisons.login import LoginForm

admin.site.site_header = admin.site.site_title = "Image Compare"
admin.site.index_title = "History"
# The history needs the width, and there is little else to go to.
admin.site.enable_nav_sidebar = False
admin.site.login_form = LoginForm

urlpatterns = [
    path("", include("comparisons.pages.urls")),
    path("", include("comparisons.api.urls")),
    path("admin/", admin.site.urls),
    re_path(r"^(?!admin(/|$))", UnknownPathView.as_view()),
]

handler400 = "comparisons.api.problems.handle_400"
handler403 = "comparisons.api.problems.handle_403"
handler404 = "comparisons.api.problems.handle_404"
handler500 = "comparisons.api.problems.handle_500"
