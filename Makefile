.PHONY: all setup demo test format lint clean

all: setup
	swift build -c release --product latent

# Installs what is missing; quick when nothing is.
setup:
	@scripts/setup

# Trains on real images and shows what was learned.
demo: all
	@scripts/demo

test: setup
	swift test -c release --disable-xctest

format:
	swift format format --in-place --recursive --parallel Package.swift Sources Tests Examples Benchmarks/Latent

lint:
	swift format lint --strict --recursive --parallel Package.swift Sources Tests Examples Benchmarks/Latent

clean:
	rm -rf .build runs
