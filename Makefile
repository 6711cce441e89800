.PHONY: all setup demo test bench format lint clean

all: setup
	scripts/swift build --product latent

# Installs what is missing; quick when nothing is.
setup:
	@scripts/setup

# Trains on real images and shows what was learned.
demo: all
	@scripts/demo

test: setup
	scripts/swift test
	swift run -c release --package-path Tests/Client --scratch-path .build/client

# Side by side with the peers, all workloads or one: make bench WORKLOAD=conv64
bench: setup
	Benchmarks/prepare.sh
	scripts/swift build --product latent
	scripts/swift build --product latent-bench
	.venv/bin/python Benchmarks/run.py $(WORKLOAD)

format:
	swift format format --in-place --recursive --parallel Package.swift Sources Tests Examples Benchmarks/Latent

lint:
	swift format lint --strict --recursive --parallel Package.swift Sources Tests Examples Benchmarks/Latent
	@scripts/lint-documentation

clean:
	rm -rf .build runs
