# `make html` renders the course as a site without a network, `make check-html` opens each page of it in a browser.
.PHONY: html check-html animations
html:
	python scripts/make_site.py
check-html: html
	python scripts/check_site.py
animations:
	python scripts/make_animations.py
