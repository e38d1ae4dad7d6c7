from django.urls import path

from books.views import search

urlpatterns = [path("search", search)]
