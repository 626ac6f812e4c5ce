"""Records AntialiasedResize.txt: what Pillow makes of pictures that AntialiasedResizeTests.cs makes too.

Run with Debian 12's python3-pil (9.4.0): python3 generate.py > AntialiasedResize.txt
Each line: width height of the source, width height of the target, SHA-256 of the target's RGB samples (of small targets the samples themselves, hexadecimal).
"""
import hashlib

from PIL import Image


def picture(width, height):
    samples = bytearray()
    for y in range(height):
        for x in range(width):
            for c in range(3):
                if (x // 16 + y // 16) % 5 == 0:
                    samples.append(255 if (x + c) % 2 else 0)  # the hardest edges there are
                else:
                    samples.append(((x * 2654435761 ^ y * 40503 ^ c * 2246822519) >> 7) & 255)
    return Image.frombytes("RGB", (width, height), bytes(samples))


SIZES = [
    (350, 350, 224, 224), (100, 100, 299, 299), (200, 200, 299, 299), (700, 700, 224, 224), (376, 376, 224, 224), (333, 350, 299, 224),
    (224, 224, 224, 224), (224, 100, 224, 60), (100, 224, 60, 224), (1, 1, 5, 3), (5, 3, 1, 1), (1, 7, 4, 2), (7, 1, 2, 4), (2, 2, 3, 3), (3, 3, 2, 2),
    (17, 31, 31, 17), (1000, 3, 7, 64), (3, 1000, 64, 7), (8, 8, 64, 64), (64, 64, 63, 65), (431, 215, 100, 100), (1, 1000, 1, 3), (513, 2, 2, 1),
]
for w, h, tw, th in SIZES:
    data = picture(w, h).resize((tw, th), Image.BILINEAR).tobytes()
    print(w, h, tw, th, data.hex() if len(data) <= 96 else hashlib.sha256(data).hexdigest())
