"""Pictures of the site: files beside the pages, as small as they are without loss, with their size, their alt text, and loaded when needed.

A picture inside a page (a data URI) is a third larger than the file, and holds the text back until it is there; so saved outputs become files.
WebP without loss is less than half of what matplotlib's PNG takes, also for the pictures that move.
"""
import html
import re
from base64 import b64decode
from functools import cache
from hashlib import sha1
from io import BytesIO
from pathlib import Path

from PIL import Image

from course import nbs

no_alt = 'data-alt="none"'  # marks a picture whose alt text is only where it stands; check_pages.py lists those


@cache
def as_webp(raw):
    "The same picture as a WebP without loss, moving if it moved; as it was if that is smaller."
    with Image.open(BytesIO(raw)) as im, BytesIO() as b:
        frames,times = [],[]
        for i in range(getattr(im, 'n_frames', 1)):
            im.seek(i)
            solid = 'A' not in im.getbands() or im.getchannel('A').getextrema()[0]==255
            frames.append(im.convert('RGB' if solid and 'transparency' not in im.info else 'RGBA'))
            times.append(im.info.get('duration', 0))
        moves = dict(save_all=True, append_images=frames[1:], duration=times, loop=0) if len(frames) > 1 else {}
        frames[0].save(b, 'webp', lossless=True, method=4, **moves)
        return (b.getvalue(), '.webp') if b.tell() < len(raw) else (raw, f'.{im.format.lower()}')


def size(raw, svg=False):
    "Width and height in pixels, from the head of the file; an SVG may give them in points, or only a width, or only its viewBox."
    if not svg:
        with Image.open(BytesIO(raw)) as im: return im.size
    head = re.search(r'<svg\b[^>]*>', raw.decode(errors='replace'))[0]
    given = {k: float(v)*(4/3 if unit=='pt' else 1) for k,v,unit in re.findall(r'\s(width|height)="([\d.]+)(pt|px|)"', head)}
    box = re.search(r'viewBox="([^"]*)"', head)
    w,h = map(float, re.split(r'[\s,]+', box[1].strip())[2:]) if box else (given['width'], given['height'])
    scale = given['width']/w if 'width' in given else given['height']/h if 'height' in given else 1
    return round(w*scale), round(h*scale)


def title(data):
    "What a drawing in SVG says about itself."
    found = re.search(r'<title>(.*?)</title>', ''.join(data.get('image/svg+xml', '')), re.S)
    return html.unescape(found[1]).strip() if found else ''


def tag(src, width, height, alt, more=''):
    return (f'<img src="{src}" alt="{html.escape(alt)}" width="{width}" height="{height}" loading="lazy" decoding="async"{more and " " + more}>')


class Pictures:
    "Writes the pictures of one page into the site and gives back their HTML. A picture that occurs twice is one file, named after its content."
    def __init__(self, out, name): self.out,self.up = Path(out)/'pictures', '../'*name.count('/')

    def write(self, raw, ending):
        self.out.mkdir(parents=True, exist_ok=True)
        path = self.out/(sha1(raw).hexdigest()[:12] + ending)
        path.write_bytes(raw)
        return f'{self.up}pictures/{path.name}'

    def output(self, o, alt, more=''):
        "A saved output. A drawing in SVG knows the light and the dark theme itself, so it is not put on a white card."
        data,width = o['data'], o.get('metadata', {}).get('image/png', {}).get('width')
        if 'image/svg+xml' in data:
            raw = ''.join(data['image/svg+xml']).encode()
            return tag(self.write(raw, '.svg'), *size(raw, svg=True), alt, f'class="drawing" role="img" {more}'.strip())
        raw = b64decode(''.join(data['image/png']))
        w,h = size(raw)
        shown = (width, round(h*width/w)) if width else (w, h)  # finer than it is shown
        return tag(self.write(*as_webp(raw)), *shown, alt, more)

    def in_text(self, body):
        "Pictures of nbs/images that the text shows. What lies elsewhere stays as it is."
        def better(m):
            attrs = dict(re.findall(r'(\w+)="([^"]*)"', m[0]))
            path = nbs/re.sub(r'^(\.\./)+', '', attrs.get('src', ''))
            if path.parent != nbs/'images' or not path.is_file(): return m[0]
            raw,svg = path.read_bytes(), path.suffix=='.svg'
            return tag(self.write(*((raw, '.svg') if svg else as_webp(raw))), *size(raw, svg), html.unescape(attrs.get('alt', '')))
        return re.sub(r'<img\b[^>]*>', better, body)


def eager(body):
    "The first picture of a page is seen at once, and does not wait."
    return re.sub(r' loading="lazy"', '', body, count=1)
