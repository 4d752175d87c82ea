from django.urls import path

from . import views

urlpatterns = [
    path("", views.FormView.as_view(), name="form"),
    path("history", views.HistoryView.as_view(), name="history"),
    path("history/", views.HistoryView.as_view()),
]
