from django.urls import path

from . import views

urlpatterns = [
    path("", views.show_form, name="form"),
    path("history", views.HistoryView.as_view(), name="history"),
    path("history/", views.HistoryView.as_view()),
]
