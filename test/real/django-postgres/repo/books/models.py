from django.contrib.postgres.fields import ArrayField
from django.db import models


class Book(models.Model):
    title = models.CharField(max_length=200)
    authors = ArrayField(models.CharField(max_length=100), default=list)
    added = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["title"]
        constraints = [models.UniqueConstraint("title", name="one_title")]

    def __str__(self) -> str:
        return self.title
