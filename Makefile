# `make` alone prints the targets. Works with GNU make 3.81, the one of macOS.

BACKENDS ?= cpu
DISTRIBUTABLE ?=
MVN ?= mvn

JAVA_HOME := $(shell scripts/find-jdk)
export JAVA_HOME

VERSION := $(shell sed -n 's:^  <version>\(.*\)</version>:\1:p' pom.xml)
PLATFORM := $(shell . native/common.sh && platform)
CLASSIFIER := natives-$(PLATFORM)$(if $(filter-out cpu,$(subst $(comma), ,$(BACKENDS))),-$(subst $(comma),-,$(BACKENDS)))
comma := ,

JAVA_SOURCES := $(shell find src/main -type f)
NATIVE_SOURCES := $(shell find native -type f)

.PHONY: help build native tools jmh check-device clean FORCE
.DEFAULT_GOAL := help

help: ## prints this
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/  make \1 \2/p' Makefile | awk '{ printf "  make %-13s ", $$2; $$1 = $$2 = ""; sub(/^ +/, ""); print }'

# Asking costs a fraction of a second; the file changes only when the answer does.
target/native.path: FORCE
	@mkdir -p target
	@native/build.sh --backends $(BACKENDS) $(if $(DISTRIBUTABLE),--distributable) > $@.new
	@cmp -s $@.new $@ && rm $@.new || mv $@.new $@

native: target/native.path ## builds llama.cpp and the shim (BACKENDS=cuda, DISTRIBUTABLE=1)
	@cat target/native.path

tools: target/native.path ## builds the programs that tests compare with
	@native/build.sh --backends $(BACKENDS) --tools jinja-oracle,lem-cloop > target/native.path

check-device: ## logits and speed on every device that is present (BACKENDS=cuda ...)
	@scripts/check-device $(BACKENDS)

jmh: ## tokens/s against C in pairs, downcalls, scorer (minutes; wants a quiet machine)
	@scripts/jmh

clean: ## removes what was built here; the cache of native builds stays
	rm -rf target examples/*/target
