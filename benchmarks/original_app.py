"""The original's HTTP side, to be run by gunicorn: downloads one after the other, answers with the mask."""

import requests
from flask import Flask, Response, request

from .contenders.original import compare_bytes

TIMEOUT_SECONDS = 20


def compare() -> Response:
    urls = request.get_json()
    content1 = requests.get(urls["image_url1"], timeout=TIMEOUT_SECONDS).content
    content2 = requests.get(urls["image_url2"], timeout=TIMEOUT_SECONDS).content
    mse, png = compare_bytes(content1, content2)
    return Response(png, mimetype="image/png", headers={"X-MSE": str(mse)})


app = Flask(__name__)
app.add_url_rule("/compare", view_func=compare, methods=["POST"])
