"""Draw the sample pair, static/samples: a page of a made-up shop before and after a change.

Run from the project's root: .venv/bin/python docs/samples.py
"""

from pathlib import Path

from PIL import Image, ImageDraw, ImageFont

SAMPLES = Path(__file__).parent.parent / "static" / "samples"
SIZE = (960, 600)
INK = "#20242c"
PRODUCTS = [("Teapot", "#c96f4a"), ("Kettle", "#4a7fa5"), ("Cup", "#7a9e5f")]


def draw_page(*, prices: list[str], button: str, notice: str) -> Image.Image:
    page = Image.new("RGB", SIZE, "#f6f4ef")
    draw = ImageDraw.Draw(page)
    draw.rectangle((0, 0, SIZE[0], 80), fill=INK)
    draw.text((40, 22), "Harbour Tea House", fill="white", font=ImageFont.load_default(30))
    draw.text((720, 32), notice, fill="#d9d4c7", font=ImageFont.load_default(18))
    for index, ((name, color), price) in enumerate(zip(PRODUCTS, prices, strict=True)):
        draw_card(draw, 40 + index * 300, name, color, price)
    draw.rounded_rectangle((40, 520, 260, 570), radius=12, fill=button)
    draw.text(
        (150, 545), "To the basket", fill="white", font=ImageFont.load_default(20), anchor="mm"
    )
    return page


def draw_card(draw: ImageDraw.ImageDraw, left: int, name: str, color: str, price: str) -> None:
    draw.rounded_rectangle((left, 120, left + 280, 480), radius=16, fill="white", outline="#ddd8cc")
    draw.ellipse((left + 70, 170, left + 210, 310), fill=color)
    draw.ellipse((left + 100, 200, left + 180, 280), fill="white")
    draw.text((left + 24, 370), name, fill=INK, font=ImageFont.load_default(26))
    draw.text((left + 24, 415), price, fill="#6b6457", font=ImageFont.load_default(22))


if __name__ == "__main__":
    SAMPLES.mkdir(parents=True, exist_ok=True)
    before = draw_page(
        prices=["24.00", "39.00", "8.50"], button="#2f6b4f", notice="Open until 18:00"
    )
    after = draw_page(
        prices=["24.00", "35.00", "8.50"], button="#e0a030", notice="Open until 20:00"
    )
    before.save(SAMPLES / "before.png", optimize=True)
    after.save(SAMPLES / "after.png", optimize=True)
