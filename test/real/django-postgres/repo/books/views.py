from django.http import HttpRequest, JsonResponse

from .models import Book


def search(request: HttpRequest) -> JsonResponse:
    author = request.GET.get("author", "")
    found = Book.objects.filter(authors__contains=[author])
    return JsonResponse({"titles": [str(book) for book in found]})
