"""A guest book."""

import os

from dotenv import load_dotenv
from flask import Flask, request

from guestbook import Book

load_dotenv("settings.env")


def create_app():
    app = Flask(__name__)
    book = Book(os.environ.get("GUESTBOOK_LIMIT", "0"))

    @app.get("/")
    def entries():
        return {"title": os.environ["GUESTBOOK_TITLE"], "entries": book.entries}

    @app.post("/")
    def write():
        book.write(request.form["name"])
        return "", 204

    return app
