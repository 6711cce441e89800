.PHONY: all setup demo static test sanitize documentation bench format lint clean

all: setup
	scripts/swift build --product latent

# Installs what is missing; quick when nothing is.
setup:
	@scripts/setup

# Trains on real images and shows what was learned.
demo: all
	@scripts/demo

# A program that needs no Swift where it runs: .build/latent-static.
static: setup
	scripts/static

# The client is compiled anew: the build system does not see that what Latent re-exports has changed.
test: setup
	scripts/swift test
	rm -rf .build/client/*/release/Client.build .build/client/*/release/Tasks.build
	swift run -c release --package-path Tests/Client --scratch-path .build/client Client
	swift run -c release --package-path Tests/Client --scratch-path .build/client Tasks

# Trainers and inferences at once under the thread sanitizer, which stops at the first data race. It does not know
# how libgomp's threads wait for each other, so that each task has one thread here.
sanitize: setup
	rm -rf .build/sanitize/*/debug/Tasks.build
	OMP_NUM_THREADS=1 TSAN_OPTIONS=halt_on_error=1 swift run -c debug --sanitize=thread --package-path Tests/Client \
	  --scratch-path .build/sanitize Tasks

# Pages of every product, with an article for each task: .build/documentation/Latent and its like.
documentation: setup
	scripts/documentation

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
