"""The addresses of a project in which the chat is not at the root."""

from django.urls import include, path

urlpatterns = [path("talk/", include("chat.urls"))]
