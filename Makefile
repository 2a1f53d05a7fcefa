# `make html` renders the course as a site without a network, `make check-html` opens each page of it in a browser and weighs it, `make check` looks at the
# code and at the pages without running a notebook, `make device` tries on a GPU what only a GPU can show.
.PHONY: html check-html check animations device
html:
	python scripts/make_site.py
check-html: html
	python scripts/check_site.py
	python scripts/check_figures.py
	python scripts/check_pages.py
check:
	python scripts/check_layers.py
	ruff check
	mypy
	python scripts/make_frame.py --check
	python scripts/check_course.py
	python scripts/check_words.py
animations:
	python scripts/make_animations.py
device:
	python scripts/check_device.py
