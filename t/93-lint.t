#!/usr/bin/perl

# Proves that "make lint" sees what it is there for: a tree without a flaw
# passes, and each of the flaws below, put into that tree alone, is found in
# its place.

use lib 't/lib';
use ProfileTest;

use Cwd qw(getcwd);
use File::Basename qw(dirname);
use File::Path qw(make_path remove_tree);
use File::Temp qw(tempdir);

my $lint = getcwd() . '/util/lint.pl';
my $tree = tempdir(CLEANUP => 1) . '/tree';

my $C = <<'END';

/*
 * Copyright (C) nobody
 */


#include "core/profile_good.h"


static int  profile_good_number = 1;


int
profile_good(int a,
    int b)
{
    /* "a // b" */

    return a + b + profile_good_number;
}
END

my $H = <<'END';

#ifndef _PROFILE_GOOD_H_INCLUDED_
#define _PROFILE_GOOD_H_INCLUDED_


int profile_good(int a, int b);


#endif /* _PROFILE_GOOD_H_INCLUDED_ */
END

my %good = (
    'config' => "\$ngx_addon_dir/src/core/profile_good.c\n"
                . "\$ngx_addon_dir/src/core/profile_good.h\n",
    'Makefile' => "all:\n\ttrue\n",
    'README.md' => 'word ' x 40 . "word\n",
    'src/core/profile_good.c' => $C,
    'src/core/profile_good.h' => $H,
    't/good.t' => "use strict;\nuse warnings;\n\nprint 1;\n",
    'util/good.sh' => "#!/bin/sh\n\ntrue\n",
    't/samples/odd.json' => "{\"TOD" . "O\":\t1}",
);

sub lint {
    my ($change, $option) = @_;

    my %files = (%good, %$change);

    remove_tree($tree);

    for my $file (grep { defined $files{$_} } keys %files) {
        make_path(dirname("$tree/$file"));
        open my $fh, '>', "$tree/$file" or die "$file: $!";
        print $fh $files{$file};
        close $fh;
    }

    my $out = qx{$^X $lint --top $tree --cc gcc 2>&1};

    return ($? >> 8, $out);
}

my ($rc, $out) = lint({});

is($rc, 0, 'a good tree passes') or diag($out);
like($out, qr/^lint: 8 files, 0 findings$/m, 'and was looked at');

# The core's file with one line more, at line 22 of it.

sub in_c { return ('src/core/profile_good.c', "$C$_[0]\n") }

my $long = join '', map { "    a += $_;\n" } 1 .. 101;

# What is wrong, the file, its text, the finding.

my @bad = (
    [ 'tab', in_c("\tint profile_x;"), qr/:21: tab/ ],
    [ 'space at the end', in_c('/* */ '), qr/:21: white space/ ],
    [ 'carriage return', in_c("/* */\r"), qr/:21: carriage return/ ],
    [ 'long line', in_c('/* ' . 'x' x 78 . ' */'), qr/:21: 84 columns/ ],
    [ 'no newline', 'config', "$good{config}#", qr/:3: no newline/ ],
    [ 'empty line at the end', in_c(''), qr/empty line at the end/ ],
    [ 'three empty lines', in_c("\n\n\nint  profile_x;"),
      qr/:23: third empty line/ ],
    [ 'three empty lines in prose', 'README.md', "a\n\n\n\nb\n",
      qr/README\.md:4: third empty line/ ],
    [ 'comment of C++', in_c('// x'), qr/:21: comment of C\+\+/ ],
    [ 'leftover', in_c('/* TOD' . 'O: more */'), qr/:21: leftover/ ],
    [ 'leftover in a script', 'util/good.sh', "#!/bin/sh\n# FIXM" . "E\n",
      qr/good\.sh:2: leftover/ ],
    [ 'leftover in prose', 'README.md', 'XX' . "X\n",
      qr/README\.md:1: leftover/ ],
    [ 'code switched off', in_c("#if 0\n#endif"), qr/:21: .*switched off/ ],
    [ 'code always on', in_c("#if 1\n#endif"), qr/:21: switch/ ],
    [ 'single test', 't/x.js', 'test.onl' . "y('a', b);\n",
      qr/x\.js:1: mark of a single test/ ],
    [ 'filter of unit tests', 't/core/x.c',
      "cmocka_set_test_filte" . "r(\"x\");\n", qr/:1: mark of a single/ ],
    [ 'debugging in Perl', 't/good.t',
      "use strict;\nuse warnings;\n\$DB::singl" . "e = 1;\n",
      qr/good\.t:3: debugging/ ],
    [ 'debugging in a shell', 'util/good.sh', "#!/bin/sh\nset -e" . "x\n",
      qr/good\.sh:2: debugging/ ],
    [ 'debugging in JS', 'html/x.js', 'console.lo' . "g(1);\n",
      qr/x\.js:1: debugging/ ],
    [ 'output in C', in_c("int\nx(void)\n{\n    prin" . "tf(\"x\");\n}"),
      qr/:24: output/ ],
    [ 'machine path', 'README.md', 'see /wor' . "k/main\n",
      qr/README\.md:1: path of a machine/ ],
    [ 'machine path in data', 't/samples/odd.json', "\"/roo" . "t/x\"",
      qr/odd\.json:1: path of a machine/ ],
    [ 'registry', 'util/good.sh', "#!/bin/sh\n# deb.debia" . "n.org\n",
      qr/good\.sh:2: host of a registry/ ],
    [ 'type on the line of the name', in_c("\nint x(void)\n{\n}"),
      qr/:22: type of a function/ ],
    [ 'name not at column 0', in_c("\nint\n x(void)\n{\n}"),
      qr/:24: name of a function/ ],
    [ 'brace of a function', in_c("int\nx(void) {\n}"),
      qr/:22: brace of a function/ ],
    [ 'long function', in_c("\nint\nx(int a)\n{\n$long    return a;\n}"),
      qr/:24: function of 104 lines/ ],
    [ 'long file', in_c(join "\n", map { "/* $_ */" } 1 .. 700),
      qr/more than 700 lines/ ],
    [ 'nginx in the core', in_c('ngx_str_t x;'), qr/:21: nginx in the core/ ],
    [ 'header of nginx in the core', in_c('#include "http/ngx_http_x.h"'),
      qr/:21: nginx in the core/ ],
    [ 'malloc in the core', in_c("int\nx(void)\n{\n    free(0);\n}"),
      qr/:24: memory/ ],
    [ 'yajl', in_c('yajl_handle x;'), qr/:21: yajl outside/ ],
    [ 'pcre2', in_c('#include <pcre2.h>'), qr/:21: pcre2 outside/ ],
    [ 'zlib', in_c('#include <zlib.h>'), qr/:21: zlib outside/ ],
    [ 'guard', 'src/core/profile_good.h', $H =~ s/_GOOD_/_BAD_/gr,
      qr/profile_good\.h:1: guard is not _PROFILE_GOOD_H_INCLUDED_/ ],
    [ 'end of the guard', 'src/core/profile_good.h', $H =~ s/ENDIF.*/ENDIF/ir,
      qr/profile_good\.h:1: the last #endif/ ],
    [ 'not in config', 'src/core/profile_more.c', "int  profile_more;\n",
      qr/^config: src\/core\/profile_more\.c is not listed/m ],
    [ 'no file of config', 'src/core/profile_good.h', undef,
      qr/profile_good\.h is listed but not there/ ],
    [ 'Perl syntax', 't/good.t', "use strict;\nuse warnings;\nmy \$x = ;\n",
      qr/^t\/good\.t: .*perl.*:\nsyntax error/m ],
    [ 'Perl not strict', 't/good.t', "print 1;\n", qr/good\.t:1: no "use/ ],
    [ 'shell syntax', 'util/good.sh', "#!/bin/sh\nif true; then\n",
      qr/^util\/good\.sh: sh:\n.*[Ss]yntax error/m ],
    [ 'shell without #!', 'util/good.sh', "true\n", qr/no #! line/ ],
    [ 'cppcheck', in_c("int\nprofile_y(void)\n{\n    int  a[2] = { 0, 0 };\n\n"
                       . "    return a[2];\n}"),
      qr/cppcheck:\n.*arrayIndexOutOfBounds/s ],
    [ 'compiler', in_c("static int  profile_unused;"),
      qr/profile_good\.c: gcc:\n.*profile_unused/s ],
    [ 'shadow', in_c("\nint profile_z(void);\n\n\nint\nprofile_z(void)\n{\n"
                     . "    int  profile_good_number = 2;\n\n"
                     . "    return profile_good_number;\n}"),
      qr/gcc:\n.*-Werror=shadow/s ],
);

for my $bad (@bad) {
    my ($name, $file, $text, $finding) = @$bad;

    ($rc, $out) = lint({ $file => $text });

    is($rc, 1, "fails: $name");
    like($out, $finding, "says: $name");
}

# The walls of the house: a file in the first folder includes one of the second.

sub source {
    my ($folder, $name, $more) = @_;

    my $prefix = $folder =~ m{\Asrc/core} ? '' : 'ngx_http_';
    my $path = "$folder/${prefix}profile_$name" =~ s{\Asrc/}{}r;
    my $guard = uc "_${prefix}profile_${name}_h_included_";

    return ("src/$path.c" => "\n#include \"$path.h\"\n$more",
            "src/$path.h" => "\n#ifndef $guard\n#define $guard\n\n\n"
                             . "#endif /* $guard */\n");
}

sub include {
    my ($folder, $name) = @_;

    my $prefix = $folder =~ m{\Asrc/core} ? '' : 'ngx_http_';

    return '#include "' . "$folder/${prefix}profile_$name" =~ s{\Asrc/}{}r
           . ".h\"\n";
}

sub house {
    my (%files) = @_;

    my @sources = grep { m{\Asrc/} } keys %files, keys %good;

    return lint({ %files, 'config' => join '', map { "\$ngx_addon_dir/$_\n" }
                                               @sources });
}

for my $pair (qw(request>http request>record request>conf request>core
                 request>core/json response>core/response metrics>http
                 http>record http>core/schema record>conf record>core/request
                 conf>core core/json>core core/request>core/json
                 core/request>core/schema core/response>core/json
                 core/response>core/schema))
{
    my ($from, $to) = map { "src/$_" } split />/, $pair;

    ($rc, $out) = house(source($to, 'wall', ''),
                        source($from, 'door', include($to, 'wall')));

    is($rc, 0, "allowed: $pair") or diag($out);
}

for my $pair (qw(request>response request>metrics response>request
                 response>metrics metrics>request metrics>response
                 http>request http>response http>metrics record>http
                 record>request conf>record conf>http core>core/json
                 core>core/schema core/json>core/schema core/schema>core/json
                 core/json>core/request core/schema>core/response
                 core/request>core/response core/response>core/request))
{
    my ($from, $to) = map { "src/$_" } split />/, $pair;

    ($rc, $out) = house(source($to, 'wall', ''),
                        source($from, 'door', include($to, 'wall')));

    is($rc, 1, "fails: $pair");
    like($out, qr/profile_door\.c:3: \Q$from\E does not see \Q$to\E$/m,
         "says: $pair");
}

# Functions of an nginx side that needs no nginx.

sub function {
    my ($name, $calls) = @_;

    return "\nint $name(void);\n"
           . join('', map { "int $_(void);\n" } @$calls)
           . "\n\nint\n$name(void)\n{\n    return 1"
           . join('', map { "\n           + $_()" } @$calls) . ";\n}\n";
}

my $module = 'src/ngx_http_profile_module.c';

my @houses = (
    [ 'two files of a folder call each other', 1,
      { source('src/http', 'a', function('ngx_http_profile_a',
                                         ['ngx_http_profile_b'])),
        source('src/http', 'b', function('ngx_http_profile_b',
                                         ['ngx_http_profile_a'])) },
      qr/calls in a circle: \S+_a\.c > \S+_b\.c > \S+_a\.c$/m ],
    [ 'three files of two folders call in a circle', 1,
      { source('src/core/json', 'a', function('profile_a', ['profile_b'])),
        source('src/core/json', 'b', function('profile_b', ['profile_c'])),
        source('src/core/schema', 'c', function('profile_c', ['profile_a'])) },
      qr/calls in a circle: \S+_a\.c > \S+_b\.c > \S+_c\.c > \S+_a\.c$/m ],
    [ 'a circle through a macro', 1,
      { source('src/core/json', 'a', function('profile_a', [])
                                     . "\n#define profile_a_twice(a)    \\\n"
                                     . "    profile_b()\n"),
        source('src/core/json', 'b', function('profile_b', ['profile_c'])),
        source('src/core/json', 'c', function('profile_c', [])
                                     . "\nint  profile_c_n"
                                     . " = profile_a_twice(1);\n") },
      qr/calls in a circle: \S+_b\.c > \S+_c\.c > \S+_b\.c$/m ],
    [ 'calls in one direction', 0,
      { source('src/http', 'a', function('ngx_http_profile_a',
                                         ['ngx_http_profile_b'])),
        source('src/http', 'b', function('ngx_http_profile_b', [])) },
      qr/ 0 findings/ ],
    [ 'a slot called by another than the module', 1,
      { source('src/http', 'a', function('ngx_http_profile_a',
                                         ['ngx_http_profile_b_slot'])),
        source('src/http', 'b', function('ngx_http_profile_b_slot', [])) },
      qr/_a\.c:5: only \Q$module\E may call it: ngx_http_profile_b_slot/ ],
    [ 'an init called by another than the module', 1,
      { source('src/http', 'a', function('ngx_http_profile_a',
                                         ['ngx_http_profile_b_init'])),
        source('src/http', 'b', function('ngx_http_profile_b_init', [])) },
      qr/_a\.c:5: only \Q$module\E may call it: ngx_http_profile_b_init/ ],
    [ 'both called by the module', 0,
      { $module => "\n" . include('src/http', 'b')
                   . function('ngx_http_profile_module',
                              ['ngx_http_profile_b_slot',
                               'ngx_http_profile_b_init']),
        source('src/http', 'b', function('ngx_http_profile_b_slot', [])
                                . function('ngx_http_profile_b_init', [])) },
      qr/ 0 findings/ ],
    [ 'a function that another file is named after', 1,
      { source('src/http', 'a', function('ngx_http_profile_other', [])) },
      qr/_a\.c:8: not named after its file: ngx_http_profile_other$/m ],
    [ 'a folder that is none of the house', 1,
      { source('src/extra', 'a', '') },
      qr/no folder of the house: src\/extra/ ],
    [ 'a path that is not from src', 1,
      { source('src/http', 'a', "#include \"ngx_http_profile_a.h\"\n") },
      qr/_a\.c:3: no path from src\/: ngx_http_profile_a\.h/ ],
    [ 'a file that does not include its header', 1,
      { source('src/http', 'a', ''),
        'src/http/ngx_http_profile_a.c' => "\nint  ngx_http_profile_a_x;\n" },
      qr/_a\.c: no header of its own/ ],
    [ 'a function in the header of the configuration', 1,
      { source('src/conf', 'conf', ''),
        'src/conf/ngx_http_profile_conf.h' =>
            "\n#ifndef _NGX_HTTP_PROFILE_CONF_H_INCLUDED_\n"
            . "#define _NGX_HTTP_PROFILE_CONF_H_INCLUDED_\n\n\n"
            . "int f(int a,\n    int b);\n\n\n"
            . "#endif /* _NGX_HTTP_PROFILE_CONF_H_INCLUDED_ */\n" },
      qr/conf\.h:6: function in a header of data/ ],
);

for my $house (@houses) {
    my ($name, $fails, $files, $finding) = @$house;

    ($rc, $out) = house(%$files);

    is($rc, $fails, ($fails ? 'fails' : 'passes') . ": $name") or diag($out);
    like($out, $finding, "says: $name");
}

done_testing;
