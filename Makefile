# ngx_http_profile_module.  Each target installs the Debian packages that it
# needs and that are missing.  Settings, on the command line:
#
#     NGINX_SRC=DIR   build for this nginx source tree, 1.22 or later, instead
#                     of Debian's nginx; "make test" tests with that nginx then
#     NGINX_CONF=...  more options for the configure script of NGINX_SRC
#     TESTS="..."     test only these files: t/NN-topic.t, t/world/NN-topic.t,
#                     t/core/*/test_NAME.c
#     SECONDS=N       of "make fuzz", for each target, 0 replays the corpus;
#                     of "make fuzz-http", "make soak" and "make soak-asan"
#     FUZZ="..."      fuzz only these: t/fuzz/fuzz_NAME.c
#     SEED=N, REPLAY=FILE   of "make fuzz-http": all of it again, or one
#     COMPAT="..."    what "make compat" builds: dynamic-gcc static-debug-clang
#     JOBS=N          so many compilers or test files at once
#     PORT=N          of "make run" and "make monitor"
#     LEGACY=NAME     the backend of "make run": legacy, accounts, directory
#     PROMETHEUS_PORT=N   of "make monitor"
#     DESTDIR, MODULES_DIR, CONF_DIR  of "make install"

NGINX_SRC =
NGINX_CONF =
TESTS = $(sort $(wildcard t/core/test_*.c t/core/*/test_*.c)) \
    $(sort $(wildcard t/*.t t/world/*.t))
SECONDS = 60
FUZZ = $(sort $(patsubst t/fuzz/fuzz_%.c,%,$(wildcard t/fuzz/fuzz_*.c)))
COMPAT = $(foreach kind,dynamic static dynamic-debug static-debug,\
    $(kind)-gcc $(kind)-clang)
ARCHS = aarch64 s390x
JOBS := $(shell nproc 2>/dev/null || echo 2)
SEED =
REPLAY =
PORT = 8080
LEGACY = legacy
PROMETHEUS_PORT = 9090
DESTDIR =
MODULES_DIR = /usr/lib/nginx/modules
CONF_DIR = /etc/nginx

# Where NGINX_SRC names no tree, builds from source take Debian's.

FETCH_NGINX = mkdir -p build \
    $(if $(NGINX_SRC),,&& util/nginx-source.sh build/nginx-source)

# Two makes at a time do not configure the same tree.

LOCKED := flock build/lock

SHELL := /bin/bash
MAKEFLAGS += --no-print-directory
PARALLEL = $(if $(findstring j,$(filter-out --%,$(MAKEFLAGS))),,-j$(JOBS))

PACKAGES_LIBS := libyajl-dev libpcre2-dev zlib1g-dev
PACKAGES_DEBIAN := gcc make libc6-dev $(PACKAGES_LIBS) nginx nginx-dev
PACKAGES_SOURCE := gcc make libc6-dev $(PACKAGES_LIBS) libssl-dev
PACKAGES_BUILD := $(if $(NGINX_SRC),$(PACKAGES_SOURCE),$(PACKAGES_DEBIAN))
PACKAGES_CORE := gcc make libc6-dev perl libcmocka-dev $(PACKAGES_LIBS)
PACKAGES_LEGACY := perl libmojolicious-perl libdbd-sqlite3-perl
PACKAGES_NODE := $(if $(shell command -v npm),,nodejs npm)
PACKAGES_TEST := $(PACKAGES_LEGACY) libcmocka-dev cppcheck prometheus \
    libjson-validator-perl chromium openssl $(PACKAGES_NODE) \
    libnginx-mod-http-lua libnginx-mod-http-headers-more-filter \
    libnginx-mod-http-subs-filter
PACKAGES_ASAN := $(PACKAGES_SOURCE) clang libclang-rt-dev llvm
PACKAGES_FUZZ := $(PACKAGES_CORE) clang libclang-rt-dev llvm libjansson-dev
PACKAGES_COMPAT := $(PACKAGES_SOURCE) clang
PACKAGES_COVERAGE := $(PACKAGES_SOURCE) lcov
PACKAGES_VALGRIND := $(PACKAGES_SOURCE) valgrind libc6-dbg
PACKAGES_MONITOR := $(PACKAGES_LEGACY) prometheus
PACKAGES_BENCH := $(PACKAGES_DEBIAN) perl curl wrk libnginx-mod-http-lua \
    lua-cjson libnginx-mod-http-js
PACKAGES_ARCH := $(foreach arch,$(ARCHS),gcc-$(arch)-linux-gnu) \
    libc6-dev-arm64-cross libc6-dev-s390x-cross qemu-user
PACKAGES_LINT := $(PACKAGES_DEBIAN) $(PACKAGES_TEST) clang libjansson-dev

.PHONY: help build run monitor test test-asan test-valgrind fuzz fuzz-http \
        test-scan-arch compat coverage soak soak-asan bench bench-core \
        bench-gateway bench-guard bench-instructions bench-metrics \
        bench-search lint install \
        clean deps configure look tree tests targets check measure endure \
        sides FORCE
.DELETE_ON_ERROR:
.DEFAULT_GOAL := help


help:
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/\1|\2/p' Makefile \
	    | while IFS='|' read -r name text; do \
	          printf '  make %-14s %s\n' "$$name" "$$text"; \
	      done

build: ## build/ngx_http_profile_module.so for Debian's nginx, or for NGINX_SRC
	@util/need.sh $(PACKAGES_BUILD)
	@mkdir -p build
	@$(LOCKED) $(MAKE) tree

run: ## a v1 backend and the gateway in front of it, on 127.0.0.1:8080
	@util/need.sh $(PACKAGES_BUILD) $(PACKAGES_LEGACY)
	@$(MAKE) build
	@exec demo/demo.sh $(PORT) $(LEGACY)

monitor: ## the same, watched by a Prometheus on 127.0.0.1:9090
	@util/need.sh $(PACKAGES_BUILD) $(PACKAGES_MONITOR)
	@$(MAKE) build
	@exec demo/monitor.sh $(PORT) $(PROMETHEUS_PORT)

test: ## all tests: unit tests of the core, then nginx with the module
	@util/need.sh $(PACKAGES_BUILD) $(PACKAGES_TEST)
	@mkdir -p build
	@$(MAKE) check

test-asan: ## all tests with AddressSanitizer, leak check and UBSan
	@util/need.sh $(PACKAGES_ASAN) $(PACKAGES_TEST)
	@$(FETCH_NGINX)
	@$(MAKE) check FLAVOR=asan

test-valgrind: ## all tests under valgrind
	@util/need.sh $(PACKAGES_VALGRIND) $(PACKAGES_TEST)
	@$(FETCH_NGINX)
	@$(MAKE) check FLAVOR=valgrind

test-scan-arch: ## the scanner of strings for ARM, and big-endian, in qemu
	@util/need.sh $(PACKAGES_ARCH)
	@$(MAKE) $(ARCHS:%=build/arch/%)
	@for arch in $(ARCHS); do \
	    qemu-$$arch build/arch/$$arch && echo "$$arch: passed" || exit 1; \
	done

fuzz: ## fuzz the core, each target for SECONDS=60; 0 replays the corpus
	@util/need.sh $(PACKAGES_FUZZ)
	@mkdir -p build
	@$(LOCKED) $(MAKE) $(PARALLEL) targets FLAVOR=fuzz
	@util/fuzz.sh $(SECONDS) $(FUZZ)

fuzz-http: ## odd exchanges from both sides, HTTP/1 and HTTP/2, for SECONDS=60
	@util/need.sh $(PACKAGES_ASAN)
	@$(FETCH_NGINX)
	@$(MAKE) sides FLAVOR=asan

compat: ## all tests, module dynamic and static, debug or not, gcc and clang
	@util/need.sh $(PACKAGES_COMPAT) $(PACKAGES_TEST)
	@$(FETCH_NGINX)
	@rc=0; for flavor in $(COMPAT); do \
	    echo "== $$flavor"; \
	    $(MAKE) check FLAVOR=$$flavor && how=passed || { how=FAILED; rc=1; }; \
	    table+=$$(printf '%-22s%s' $$flavor $$how)$$'\n'; \
	done; \
	echo; echo -n "$$table"; exit $$rc

coverage: ## lines and branches that the tests reach, into build/coverage
	@util/need.sh $(PACKAGES_COVERAGE) $(PACKAGES_TEST)
	@$(FETCH_NGINX)
	@$(MAKE) measure FLAVOR=coverage

soak: ## mixed traffic for SECONDS=60, reloads, killed workers: all adds up
	@util/need.sh $(PACKAGES_BUILD) $(PACKAGES_LEGACY)
	@mkdir -p build
	@$(MAKE) endure

soak-asan: ## the same with AddressSanitizer, leak check and UBSan
	@util/need.sh $(PACKAGES_ASAN) $(PACKAGES_LEGACY)
	@$(FETCH_NGINX)
	@$(MAKE) endure FLAVOR=asan

bench: ## side by side with Lua, njs and sub_filter, into bench/RESULTS.md
	@util/need.sh $(PACKAGES_BENCH)
	@$(MAKE) build
	@perl bench/contenders.pl

bench-metrics: ## processor time of a request with metrics and without
	@util/need.sh $(PACKAGES_DEBIAN) perl wrk
	@$(MAKE) build
	@perl bench/metrics.pl

bench-gateway: ## processor time of a PATCH, and of a list with totals
	@util/need.sh $(PACKAGES_DEBIAN) perl wrk
	@$(MAKE) build
	@perl bench/gateway.pl

bench-guard: ## processor time of a write with the guard and without
	@util/need.sh $(PACKAGES_DEBIAN) perl wrk
	@$(MAKE) build
	@perl bench/guard.pl

bench-search: ## processor time of searches and orders beside plain lists
	@util/need.sh $(PACKAGES_DEBIAN) perl curl
	@$(MAKE) build
	@perl bench/search.pl

bench-core: ## speed of the core and of the guard, next to bare yajl
	@util/need.sh $(PACKAGES_CORE)
	@mkdir -p build
	@$(LOCKED) $(MAKE) build/core/bench
	@build/core/bench

bench-instructions: ## the same in instructions a byte: no more than recorded
	@util/need.sh $(PACKAGES_CORE) valgrind
	@mkdir -p build
	@$(LOCKED) $(MAKE) build/core/bench
	@perl bench/instructions.pl

lint: ## look, leftovers, cppcheck, warnings of gcc and clang
	@util/need.sh $(PACKAGES_LINT)
	@mkdir -p build
	@$(LOCKED) $(MAKE) configure FLAVOR=debian
	@$(MAKE) look FLAVOR=debian

install: ## the module and conf/profile into an nginx: MODULES_DIR, CONF_DIR
	@$(MAKE) build
	@util/install.sh "$(MODULE)" "$(MODULES_DIR)" "$(CONF_DIR)" "$(DESTDIR)"

clean: ## remove build/
	rm -rf build

deps: ## install all Debian packages that the targets need
	@util/need.sh $(sort $(PACKAGES_DEBIAN) $(PACKAGES_SOURCE) \
	    $(PACKAGES_TEST) $(PACKAGES_ASAN) $(PACKAGES_VALGRIND) \
	    $(PACKAGES_COVERAGE) $(PACKAGES_FUZZ) $(PACKAGES_LINT))


# The steps behind these targets run in a make of their own, which sees what
# has been installed by then.

look:
	@perl util/lint.pl --nginx $(TREE)


# What is built is nginx, or a part of it, in a copy of its source tree:
#
#   debian    the module for Debian's nginx, with nginx-dev
#   source    nginx and the module for it, from NGINX_SRC
#   asan      nginx with the module linked in, for the sanitizers
#   valgrind  nginx with the module linked in, for valgrind
#   coverage  nginx with the module linked in, counting what runs of it
#   static-debug-clang, dynamic-gcc and so on: as source, but what it says
#
# For asan, valgrind and coverage each allocation from a pool is a malloc() of
# its own (NGX_DEBUG_PALLOC): in a pool block no checker sees who leaves his
# part.  There t/nginx/ngx_http_fail_module.c can let any of them fail.
# Undefined behavior is looked for in the module only (t/ubsan-ignore.txt).

FLAVOR := $(if $(NGINX_SRC),source,debian)

KIND_source := dynamic debug
KIND_asan := static debug clang
KIND_fuzz := clang
KIND_valgrind := static debug
KIND_coverage := static debug gcc
KIND := $(or $(KIND_$(FLAVOR)),$(subst -, ,$(FLAVOR)))

HARDEN := -O2 -g -fstack-protector-strong -Wformat -Werror=format-security \
    -D_FORTIFY_SOURCE=2
SANITIZE := -fsanitize=address,undefined -fno-sanitize-recover=all \
    -fno-omit-frame-pointer

CC_OPT_asan := -O1 $(SANITIZE) -DNGX_DEBUG_PALLOC=1 \
    -fsanitize-ignorelist=$(CURDIR)/t/ubsan-ignore.txt
LD_OPT_asan := $(SANITIZE)
CC_OPT_valgrind := -O1 -DNGX_DEBUG_PALLOC=1
CC_OPT_coverage := -O0 --coverage -fprofile-filter-files=.*profile_.* \
    -DNGX_DEBUG_PALLOC=1
LD_OPT_coverage := --coverage
CC_OPT := $(or $(CC_OPT_$(FLAVOR)),$(HARDEN))
LD_OPT := $(LD_OPT_$(FLAVOR))

OPTIONS := --with-compat --with-threads \
    --with-http_ssl_module --with-http_v2_module --with-http_realip_module \
    --with-http_addition_module --with-http_auth_request_module \
    --with-http_gunzip_module --with-http_gzip_static_module \
    --with-http_secure_link_module --with-http_slice_module \
    --with-http_stub_status_module --with-http_sub_module

ifeq ($(FLAVOR),debian)

VERSION := $(shell dpkg-query -W -f '$${Version}' nginx-dev 2>/dev/null)
ORIGIN := /usr/share/nginx/src
TREE := build/debian-$(subst ~,-,$(subst +,-,$(VERSION)))
NGINX := /usr/sbin/nginx
MODULE := build/ngx_http_profile_module.so
GOALS := modules
CONFIGURE := . ./conf_flags && ./configure "$${NGX_CONF_FLAGS[@]}" \
    --with-cc-opt='$(CC_OPT) -fPIC $(CFLAGS)' \
    --with-ld-opt='-Wl,-z,relro -Wl,-z,now -fPIC $(LDFLAGS)' \
    --add-dynamic-module='$(CURDIR)'

else

ORIGIN := $(or $(NGINX_SRC),build/nginx-source)
VERSION := $(shell sed -n 's/^\#define NGINX_VERSION  *"\(.*\)"/\1/p' \
               '$(ORIGIN)/src/core/nginx.h' 2>/dev/null)
TREE := build/nginx-$(VERSION)$(patsubst %,-%,$(filter-out source,$(FLAVOR)))
NGINX := $(TREE)/objs/nginx
MODULE := $(patsubst %,$(TREE)/objs/ngx_http_profile_module.so,\
    $(filter dynamic,$(KIND)))
GOALS := binary $(if $(MODULE),modules)
CONFIGURE := $$(ls ./configure auto/configure 2>/dev/null | head -1) \
    $(OPTIONS) $(if $(filter debug,$(KIND)),--with-debug) $(NGINX_CONF) \
    $(patsubst %,--with-cc=%,$(filter gcc clang,$(KIND))) \
    --with-cc-opt='$(CC_OPT) $(CFLAGS)' --with-ld-opt='$(LD_OPT) $(LDFLAGS)' \
    --add-$(if $(MODULE),dynamic-)module='$(CURDIR)' \
    $(if $(CC_OPT_$(FLAVOR)),--add-module='$(CURDIR)/t/nginx')

endif


tree: $(TREE)/configured
	@$(MAKE) -s $(PARALLEL) -C $(TREE) -f objs/Makefile $(GOALS)
ifneq ($(MODULE),)
	@! nm -u $(TREE)/objs/$(notdir $(MODULE)) | grep ' .*profile_' \
	    || { echo "of this module, but in no file of config" >&2; exit 1; }
endif
ifeq ($(FLAVOR),debian)
	@cmp -s $(TREE)/objs/$(notdir $(MODULE)) $(MODULE) \
	    || cp $(TREE)/objs/$(notdir $(MODULE)) $(MODULE)
endif
	@echo "built $(or $(MODULE),$(NGINX)) (nginx $(VERSION))"

configure: $(TREE)/configured
	@:

$(TREE)/configured: $(TREE).conf config
	@[ -n "$(VERSION)" ] && [ -f "$(ORIGIN)/src/core/nginx.h" ] \
	    || { echo "no nginx source tree: $(ORIGIN)" >&2; exit 1; }
	@echo "configuring nginx $(VERSION)"
	@mkdir -p $(TREE)
	@for part in auto conf conf_flags configure contrib src; do \
	    [ ! -e "$(ORIGIN)/$$part" ] \
	        || cp -RLpu "$(ORIGIN)/$$part" $(TREE)/ || exit 1; \
	done
	@cd $(TREE) && bash "$(CURDIR)/$(TREE).conf" > configure.log 2>&1 \
	    || { cat configure.log >&2; exit 1; }
	@touch $@

# The configure command; another one than last time configures anew.

$(TREE).conf: FORCE
	@$(file >$@.new,$(CONFIGURE))
	@cmp -s $@.new $@ && rm $@.new || mv $@.new $@

FORCE:


# The core and its unit tests: test_*.c under t/core are a program each, the
# other files are what they share.

CORE := build/core$(addprefix -,\
    $(or $(filter asan fuzz coverage,$(FLAVOR)),$(filter clang,$(KIND))))
CORE_OBJS := $(patsubst src/core/%.c,$(CORE)/%.o,\
    $(wildcard src/core/*.c src/core/*/*.c))
CORE_SHARED := $(patsubst t/core/%.c,$(CORE)/%.o,\
    $(wildcard t/core/*_test.c t/core/*/*_test.c))
CORE_TESTS := $(patsubst t/core/%.c,$(CORE)/%,$(filter %.c,$(TESTS)))
CORE_OPT_asan := $(SANITIZE) -O1
CORE_OPT_fuzz := $(SANITIZE) -O1
CORE_OPT_coverage := --coverage -O0
CORE_CC := $(or $(filter gcc clang,$(KIND)),$(CC)) \
    $(or $(CORE_OPT_$(FLAVOR)),-O2)
CORE_FLAGS := -g -W -Wall -Wpointer-arith -Wno-unused-parameter -Werror \
    -MMD -MP -Isrc $(CFLAGS)

$(CORE)/%.o: src/core/%.c
	@mkdir -p $(@D)
	@$(CORE_CC) $(CORE_FLAGS) -c -o $@ $<

# Tests find the samples and the schemas that are shipped under PROFILE_ROOT.

CORE_TEST_CC = $(CORE_CC) $(CORE_FLAGS) -It/core -DPROFILE_ROOT='"$(CURDIR)"'

$(CORE)/%.o: t/core/%.c
	@mkdir -p $(@D)
	@$(CORE_TEST_CC) -c -o $@ $<

$(CORE_TESTS): $(CORE)/%: t/core/%.c $(CORE_OBJS) $(CORE_SHARED)
	@mkdir -p $(@D)
	@$(CORE_TEST_CC) -o $@ $< $(CORE_OBJS) $(CORE_SHARED) \
	    -lcmocka -lyajl -lpcre2-8

# What holds the scanner of strings is built in its portable form, too, and what
# hangs on it tested once more.

PORTABLE := $(CORE)/json/profile_reader_scan.o $(CORE)/json/scan_test.o
PORTABLE_OBJS := $(PORTABLE:$(CORE)/%=$(CORE)/portable/%) \
    $(filter-out $(PORTABLE),$(CORE_OBJS) $(CORE_SHARED))
PORTABLE_TESTS := $(patsubst t/core/%.c,$(CORE)/portable/%,\
    $(filter t/core/json/test_scan.c t/core/json/test_reader%.c \
        t/core/json/test_strict.c,$(TESTS)))

$(CORE)/portable/%.o: src/core/%.c
	@mkdir -p $(@D)
	@$(CORE_CC) $(CORE_FLAGS) -DPROFILE_SCAN_PORTABLE -c -o $@ $<

$(CORE)/portable/%.o: t/core/%.c
	@mkdir -p $(@D)
	@$(CORE_TEST_CC) -DPROFILE_SCAN_PORTABLE -c -o $@ $<

$(PORTABLE_TESTS): $(CORE)/portable/%: t/core/%.c $(PORTABLE_OBJS)
	@mkdir -p $(@D)
	@$(CORE_TEST_CC) -o $@ $< $(PORTABLE_OBJS) -lcmocka -lyajl -lpcre2-8

# The same for other processors, without the libraries of the rest.

build/arch/%: t/arch/scan.c t/core/json/scan_test.c \
        t/core/json/scan_test.h src/core/json/profile_scan.h
	@mkdir -p $(@D)
	@$*-linux-gnu-gcc -O2 -W -Wall -Werror -static -Isrc -It/core -o $@ \
	    $(filter %.c,$^)

$(CORE)/bench: bench/core.c $(CORE_OBJS) $(CORE_SHARED)
	@$(CORE_TEST_CC) -o $@ $< $(CORE_OBJS) $(CORE_SHARED) \
	    -lcmocka -lyajl -lpcre2-8

# Fuzzing targets: t/fuzz/fuzz_*.c are a program each; fuzz.c, *_fuzz.c and what
# the unit tests share is linked with all.

ifeq ($(FLAVOR),fuzz)

CORE_CC += -fsanitize=fuzzer-no-link

endif

$(CORE)/%.o: t/fuzz/%.c
	@$(CORE_TEST_CC) -c -o $@ $<

FUZZ_SHARED := $(patsubst t/fuzz/%.c,$(CORE)/%.o,\
    t/fuzz/fuzz.c $(wildcard t/fuzz/*_fuzz.c))

.SECONDARY: $(FUZZ_SHARED)

$(CORE)/fuzz_%: t/fuzz/fuzz_%.c $(FUZZ_SHARED) $(CORE_OBJS) $(CORE_SHARED)
	@$(CORE_TEST_CC) -fsanitize=fuzzer -o $@ $< $(FUZZ_SHARED) \
	    $(CORE_OBJS) $(CORE_SHARED) -lcmocka -ljansson -lyajl -lpcre2-8

-include $(wildcard $(CORE)/*.d $(CORE)/*/*.d $(CORE)/*/*/*.d)


# Tests.  t/lib/ProfileTest.pm documents the variables.

tests: $(CORE_TESTS) $(PORTABLE_TESTS)
	@:

targets: $(FUZZ:%=$(CORE)/fuzz_%)
	@:

PROVE_TESTS := $(filter-out %.c,$(TESTS))
PATIENCE_asan := 3
PATIENCE_valgrind := 10
VALGRIND := valgrind -q --error-exitcode=99 --leak-check=full \
    --show-leak-kinds=definite --errors-for-leak-kinds=definite \
    --suppressions=$(CURDIR)/t/valgrind.supp

ifeq ($(FLAVOR),asan)

export ASAN_OPTIONS := detect_leaks=1:detect_stack_use_after_return=1:\
strict_string_checks=1:exitcode=98
export LSAN_OPTIONS := suppressions=$(CURDIR)/t/lsan.supp:print_suppressions=0
export UBSAN_OPTIONS := print_stacktrace=1

endif

check endure sides: export PROFILE_NGINX := $(abspath $(NGINX))
check endure sides: export PROFILE_MODULE := $(abspath $(MODULE))
check endure sides: export PROFILE_TREE := $(abspath $(TREE))
check endure sides: export PROFILE_CHECKER := $(filter asan valgrind,$(FLAVOR))
check endure sides: export PROFILE_PATIENCE := $(PATIENCE_$(FLAVOR))
check endure sides: export PROFILE_WRAPPER := \
    $(if $(filter valgrind,$(FLAVOR)),$(VALGRIND) \
        --log-file=%%REPORTS%%/valgrind.%p)
check endure: export CMOCKA_MESSAGE_OUTPUT := TAP
check:
	@$(LOCKED) $(MAKE) tree tests
	@rc=0; \
	$(if $(CORE_TESTS),prove -j $(JOBS) \
	    --exec '$(if $(filter valgrind,$(FLAVOR)),$(VALGRIND),env)' \
	    $(CORE_TESTS) $(PORTABLE_TESTS) || rc=1;) \
	$(if $(PROVE_TESTS),prove -j $(JOBS) -It/lib $(PROVE_TESTS) || rc=1;) \
	exit $$rc


endure:
	@$(LOCKED) $(MAKE) tree
	@perl -It/lib t/soak.pl $(SECONDS)

sides: export PROFILE_SEED := $(SEED)
sides: export PROFILE_REPLAY := $(abspath $(REPLAY))
sides:
	@$(LOCKED) $(MAKE) tree
	@perl -It/lib t/fuzz-http.pl $(SECONDS)


# What the tests reach of the module's source: both builds of the core count.

COUNTED := $(TREE)/objs/addon $(CORE)

measure:
	@mkdir -p $(COUNTED)
	@find $(COUNTED) -name '*.gcda' -delete
	@rc=0; $(MAKE) check || rc=1; \
	util/coverage.sh build/coverage $(COUNTED) || rc=1; exit $$rc
