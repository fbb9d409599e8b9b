#!/usr/bin/perl

# Looks at the project's files for what its style forbids, and has cppcheck,
# the compilers, perl and the shells look at them too:
#
#     util/lint.pl [--top DIR] [--nginx TREE] [--cc COMPILER]...
#
# TREE is an nginx tree that was configured; without it the files that include
# nginx's headers are not compiled.  Prints FILE:LINE: FINDING, exits with 1
# if there is any.

use strict;
use warnings;

use Cwd qw(abs_path);
use File::Basename qw(basename dirname);
use File::Find ();
use File::Temp ();
use Getopt::Long;

my $top = abs_path(dirname(__FILE__) . '/..');
my ($nginx, @compilers);

GetOptions('top=s' => \$top, 'nginx=s' => \$nginx, 'cc=s' => \@compilers)
    or exit 2;

$nginx = abs_path($nginx) if defined $nginx;
chdir $top or die "$top: $!\n";

my $COLUMNS = 80;
my $FILE_LINES = 700;
my $FUNCTION_LINES = 100;

# Data and what is made to be odd; only what must stand nowhere is looked for.

my $DATA = qr{\A(?:t/fuzz/corpus/|demo/\w+/seed/)|\.(?:json|svg)\z};

# Letters in brackets keep these from being found here.

my @NOWHERE = (
    [ qr{(?<![\w.~-])/(?:wor[k]|roo[t]|hom[e]/\w+)(?![\w-])},
      'path of a machine' ],
    [ qr{(?:deb|security|ftp)[.]debia[n][.]org|registr[y][.](?:npm|yarn)
         |pyp[i][.]org|crate[s][.]io|prox[y][.]golang}x,
      'host of a registry' ],
);

my @LEFTOVERS = (
    [ qr/\b(?:TOD[O]|FIXM[E]|XX[X]|HAC[K])\b/, 'leftover' ],
    [ qr/^\s*#\s*if\s+[0][ \t]*$/, 'code that is switched off' ],
    [ qr/^\s*#\s*if\s+[1][ \t]*$/, 'switch that is always on' ],
    [ qr/[.]onl[y][(]|^---\s+ONL[Y]\b|cmocka_set_(?:test|skip)_filte[r]/,
      'mark of a single test' ],
    [ qr/\bDB::singl[e]\b|\bData::Dumpe[r]\b|\bconsole[.]lo[g]\b
         |^\s*debugge[r];|^\s*set\s+-[a-z]*[x][a-z]*\s*$/x,
      'debugging' ],
);

my @PRINT = ([ qr/(?<![\w.>])(?:[fv]*print[f]|pu[t]s|fpu[t]s|perro[r]|abor[t])
                  \s*[(]/x, 'output or end that is not the caller\'s' ]);

# Who may know what: pattern, who, what to say.

my @BOUNDS = (
    [ qr/\bngx_|\bNGX_/, qr{\Asrc/core/}, 0, 'nginx in the core' ],
    [ qr/(?<![.>\w])(?:malloc|calloc|realloc|free|strdup)\s*\(/,
      qr{\Asrc/core/}, 0, 'memory that is not the caller\'s' ],
    [ qr/\byajl_|<yajl/, qr{\Asrc/core/json/profile_reader_yajl\.c\z}, 1,
      'yajl outside of the reader' ],
    [ qr/\bpcre2_|\bPCRE2_|<pcre2/,
      qr{\Asrc/core/(?:schema/profile_schema_pattern
                        |response/profile_query_fold)\.c\z}x, 1,
      'pcre2 outside of patterns and folding' ],
    [ qr/(?<![.>\w])inflate\w*\s*\(|\bz_stream\b|<zlib/,
      qr{\Asrc/http/ngx_http_profile_inflate\.c\z}, 1,
      'zlib outside of the inflating' ],
);

# The walls of the house: what the sources of a folder may include besides
# those of their own.  A folder that ends in "/" stands for all in it.

my @ALL = qw(src/http src/record src/conf src/core/);

my %SEES = (
    'src'               => [qw(src/)],
    'src/request'       => \@ALL,
    'src/response'      => \@ALL,
    'src/metrics'       => \@ALL,
    'src/http'          => [qw(src/record src/conf src/core/)],
    'src/record'        => [qw(src/conf src/core/)],
    'src/conf'          => [qw(src/core/)],
    'src/core'          => [],
    'src/core/json'     => [qw(src/core)],
    'src/core/schema'   => [qw(src/core)],
    'src/core/request'  => [qw(src/core src/core/json src/core/schema)],
    'src/core/response' => [qw(src/core src/core/json src/core/schema)],
);

# The one file that wires all others, and what only it may call.

my $WIRING = 'src/ngx_http_profile_module.c';
my $WIRED = qr/\Angx_\w+_(?:init|slot)\z/;

# The header of the configuration: it declares no function.

my $DATA_ONLY = 'src/conf/ngx_http_profile_conf.h';

# Public functions that do not bear the name of their file, each with why.

my %NAMED = (
    profile_buf_append => 'a type of profile_core, as are all that it needs',
    profile_buf_free => 'the same',
    profile_buf_grow => 'the same',
    profile_buf_trim => 'the same',
    profile_schema_add => 'a schema is what is built',
    profile_schema_create => 'a schema is what is made',
    profile_schema_destroy => 'the same',
    profile_schema_finish => 'the same',
);

# What nginx's own macros and prototypes allow: they cast "const" away.

my $WARNINGS = '-std=gnu11 -O2 -Wall -Wextra -Wshadow -Wpointer-arith'
    . ' -Wstrict-prototypes -Wmissing-prototypes -Wold-style-definition'
    . ' -Wvla -Wformat=2 -Wno-unused-parameter -Werror';

my $findings = 0;
my @files = list_files();

for my $file (@files) {
    my $text = slurp($file);

    next if $text =~ /\0/;

    match($file, $text, @NOWHERE);

    next if $file =~ $DATA;

    check_text($file, $text);
    check_c($file, $text) if $file =~ /\.[ch]\z/;
}

check_config();
check_house();
check_scripts();
check_cppcheck();
check_compilers();

printf "lint: %d files, %d findings\n", scalar @files, $findings;
exit($findings ? 1 : 0);


sub finding {
    my ($file, $line, $what) = @_;

    print $line ? "$file:$line: $what\n" : "$file: $what\n";
    $findings++;
}


sub slurp {
    my ($file) = @_;

    open my $fh, '<', $file or die "$file: $!\n";
    binmode $fh;
    local $/;

    return scalar(<$fh>) // '';
}


# What belongs to the project: what git knows or would take.

sub list_files {
    my @list;

    if (-e '.git') {
        @list = split /\0/,
                qx{git ls-files -z --cached --others --exclude-standard};
        die "git ls-files failed\n" if $?;

    } else {
        File::Find::find({ no_chdir => 1, wanted => sub {
            push @list, s{\A\./}{}r if -f;
        } }, '.');
    }

    return sort grep { -f && !-l && !m{\Abuild/} } @list;
}


sub match {
    my ($file, $text, @rules) = @_;

    my $n = 0;

    for my $line (split /\n/, $text) {
        $n++;

        for my $rule (@rules) {
            finding($file, $n, "$rule->[1]: $&") if $line =~ $rule->[0];
        }
    }
}


sub check_text {
    my ($file, $text) = @_;

    my $make = basename($file) eq 'Makefile';
    my $prose = $file =~ /\.(?:md|conf)\z/;
    my ($n, $empty) = (0, 0);

    for my $line (split /\n/, $text) {
        $n++;

        finding($file, $n, 'carriage return') if $line =~ /\r/;
        finding($file, $n, 'white space at the end') if $line =~ /[ \t]\z/;
        finding($file, $n, 'tab') if $line =~ ($make ? qr/[^\t].*\t/ : qr/\t/);

        $empty = $line eq '' ? $empty + 1 : 0;
        finding($file, $n, 'third empty line in a row') if $empty == 3;

        # UTF-8: a character is a column.

        my $columns = () = $line =~ /[^\x80-\xbf]/g;

        finding($file, $n, "$columns columns")
            if !$prose && $columns > $COLUMNS;
    }

    finding($file, $n, 'no newline at the end')
        if $text ne '' && $text !~ /\n\z/;
    finding($file, $n, 'empty line at the end') if $text =~ /\n\n\z/;

    match($file, $text, @LEFTOVERS);
}


# C without what stands in comments and strings, each line in its place.

sub strip {
    my ($text) = @_;

    my $blank = sub { $_[0] =~ s/[^\n]/ /gr };

    $text =~ s{(/\*.*?\*/)|("(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*')}
              {defined $1 ? $blank->($1)
                          : substr($2, 0, 1) . $blank->(substr $2, 1, -1)
                            . substr($2, -1)}gse;

    return $text;
}


sub check_c {
    my ($file, $text) = @_;

    my $code = strip($text);
    my @lines = split /\n/, $code;

    match($file, $code, [ qr{//}, 'comment of C++' ]);
    match($file, $code, @PRINT) if $file =~ m{\Asrc/};

    finding($file, scalar @lines, "more than $FILE_LINES lines")
        if @lines > $FILE_LINES;

    for my $bound (@BOUNDS) {
        my ($re, $place, $inside, $what) = @$bound;

        next if $file !~ m{\Asrc/};
        next if $inside ? $file =~ $place : $file !~ $place;

        # The names of included files stand in strings.

        match($file, $code, [ $re, $what ]);
        match($file, join("\n", map { /^\s*#\s*include/ ? $_ : '' }
                                split /\n/, $text),
              [ qr/"(?:ngx_|.*\/ngx_)/, $what ]) if $what =~ /nginx/;
    }

    check_functions($file, @lines);
    check_guard($file, $text) if $file =~ /\.h\z/;
}


sub check_functions {
    my ($file, @lines) = @_;

    my $start;

    for my $i (0 .. $#lines) {
        if ($lines[$i] =~ /\A\w[^;={]*\)\s*\{/) {
            finding($file, $i + 1, 'brace of a function on its line');
        }

        if ($lines[$i] =~ /\A\{\s*\z/) {
            $start = $i;

            # Back to the head: the lines down to it end a thing or are empty.

            my $head = $i - 1;

            $head-- while $head > 0 && $lines[$head - 1] =~ /\S/
                          && $lines[$head - 1] !~ /[;}]\s*\z|\A\s*#/;

            finding($file, $head + 1, 'type of a function on its line')
                if $lines[$head] =~ /\(/;
            finding($file, $i + 1, 'name of a function not at column 0')
                if $i > $head + 1 && $lines[$head + 1] =~ /\A\s/;
        }

        if ($lines[$i] =~ /\A\}/ && defined $start) {
            my $length = $i - $start + 1;

            finding($file, $start + 1,
                    "function of $length lines, more than $FUNCTION_LINES")
                if $length > $FUNCTION_LINES;

            undef $start;
        }
    }
}


sub check_guard {
    my ($file, $text) = @_;

    my $guard = '_' . uc(basename($file, '.h')) . '_H_INCLUDED_';

    finding($file, 1, "guard is not $guard")
        unless $text =~ /^#ifndef $guard\n#define $guard\n/m;
    finding($file, 1, 'the last #endif does not name the guard')
        unless $text =~ m{^#endif /\* $guard \*/\n\z}m;
}


# The add-on build script lists the sources by hand.

sub check_config {
    return unless -f 'config';

    my %listed = map { $_ => 1 }
                 slurp('config') =~ m{\$ngx_addon_dir/(\S+\.[ch])}g;
    my %there = map { $_ => 1 } grep { m{\Asrc/.*\.[ch]\z} } @files;

    for my $file (sort keys %there) {
        finding('config', 0, "$file is not listed") unless $listed{$file};
    }

    for my $file (sort keys %listed) {
        finding('config', 0, "$file is listed but not there")
            unless $there{$file};
    }
}


# The sources as they stand to each other.

sub check_house {
    my (%text, %code, %macros);

    for my $file (grep { m{\Asrc/.*\.[ch]\z} } @files) {
        $text{$file} = slurp($file);
        $code{$file} = strip($text{$file});

        # What a macro calls is called by those who use it.

        while ($code{$file} =~ /^#define\s+(\w+)((?:.*\\\n)*.*)$/mg) {
            $macros{$1} = $2;
        }
    }

    check_includes($_, $text{$_}, \%text) for sort keys %text;
    check_calls(\%code, \%macros);

    match($DATA_ONLY, $code{$DATA_ONLY},
          [ qr/^(?!#)[^(]*\w+\(.*/, 'function in a header of data' ])
        if $code{$DATA_ONLY};
}


sub check_includes {
    my ($file, $text, $there) = @_;

    my $folder = dirname($file);
    my $sees = $SEES{$folder};
    my $n = 0;
    my $own = 0;

    if (!$sees) {
        finding($file, 0, "no folder of the house: $folder");
        return;
    }

    for my $line (split /\n/, $text) {
        $n++;

        next unless $line =~ /^\s*#\s*include\s+"([^"]+)"/;

        my $path = "src/$1";

        if (!$there->{$path}) {
            finding($file, $n, "no path from src/: $1");
            next;
        }

        $own = 1 if $path eq $file =~ s/\.c\z/.h/r;

        my $to = dirname($path);

        next if $to eq $folder
                || grep { m{/\z} ? "$to/" =~ /\A\Q$_\E/ : $to eq $_ } @$sees;

        finding($file, $n, "$folder does not see $to");
    }

    finding($file, 0, 'no header of its own')
        if $file =~ /\.c\z/ && $file ne $WIRING && !$own;
}


# Functions that a file defines for others, each with the line it stands at.

sub public_functions {
    my ($code) = @_;

    my %found;
    my @lines = split /\n/, $code;

    for my $i (1 .. $#lines) {
        next unless $lines[$i] =~ /\A(\w+)\(/;

        my $name = $1;

        next if $lines[$i - 1] !~ /\A\w/ || $lines[$i - 1] =~ /\Astatic\b/;

        $found{$name} = $i + 1;
    }

    return %found;
}


# No two files call each other in a circle, and a function is where its name
# says.

sub check_calls {
    my ($code, $macros) = @_;

    my (%home, %calls);

    for my $file (grep { /\.c\z/ } sort keys %$code) {
        my %public = public_functions($code->{$file});
        my $topic = basename($file, '.c');

        for my $name (sort keys %public) {
            $home{$name} = $file;

            finding($file, $public{$name}, "not named after its file: $name")
                unless $name =~ /\A\Q$topic\E(?:_|\z)/ || $NAMED{$name};
        }
    }

    for my $file (grep { /\.c\z/ } sort keys %$code) {
        my %used = map { $_ => 1 } $code->{$file} =~ /\b\w+\b/g;

        for my $macro (grep { $used{$_} } keys %$macros) {
            $used{$_} = 1 for $macros->{$macro} =~ /\b\w+\b/g;
        }

        for my $name (grep { $home{$_} && $home{$_} ne $file } keys %used) {
            $calls{$file}{ $home{$name} } = 1;

            match($file, $code->{$file},
                  [ qr/\b\Q$name\E\b/, "only $WIRING may call it" ])
                if $name =~ $WIRED && $file ne $WIRING;
        }
    }

    my %done;

    for my $file (sort keys %calls) {
        my @circle = circle($file, \%calls, \%done) or next;

        finding($circle[0], 0, 'calls in a circle: ' . join(' > ', @circle));
        $done{$_} = 1 for @circle;
    }
}


# The first circle that is met from a file on, or nothing.

sub circle {
    my ($file, $calls, $done, @way) = @_;

    for my $i (0 .. $#way) {
        return (@way[$i .. $#way], $file) if $way[$i] eq $file;
    }

    return if $done->{$file};

    for my $to (sort keys %{ $calls->{$file} || {} }) {
        my @circle = circle($to, $calls, $done, @way, $file);

        return @circle if @circle;
    }

    $done->{$file} = 1;

    return;
}


sub check_scripts {
    for my $file (grep { $_ !~ $DATA } @files) {
        my ($first) = slurp($file) =~ /\A(#!.*)/;

        $first //= '';

        if ($file =~ /\.(?:pl|pm|t)\z/ || $first =~ /perl/) {
            my $text = slurp($file);

            finding($file, 1, 'no "use strict; use warnings;"')
                unless $text =~ /^use strict;\n+use warnings;/m
                       || $text =~ /^use ProfileTest;/m;

            run($file, $^X, '-It/lib', '-Idemo/legacy/lib',
                '-Idemo/accounts/lib', '-Idemo/directory/lib', '-c', $file);

        } elsif ($first =~ m{/(?:env )?(sh|bash)\b}) {
            run($file, $1, '-n', $file);

        } elsif ($file =~ /\.sh\z/) {
            finding($file, 1, 'no #! line');
        }
    }
}


# Runs a tool; what it prints when it fails is the finding.

sub run {
    my ($file, @command) = @_;

    my $out = File::Temp->new;
    my $pid = fork // die "fork: $!\n";

    if ($pid == 0) {
        open STDIN, '<', '/dev/null';
        open STDOUT, '>', $out->filename;
        open STDERR, '>&', \*STDOUT;
        { no warnings 'exec'; exec { $command[0] } @command; }
        print "$command[0]: $!\n";
        exec 'false';
    }

    waitpid $pid, 0;
    return 1 if $? == 0;

    my $said = slurp($out->filename);

    $said =~ s/\s+\z//;
    finding($file, 0, "$command[0]:\n$said");

    return 0;
}


sub check_cppcheck {
    my @sources = grep { m{\A(?:src|t/core|t/fuzz|bench)/.*\.c\z} } @files;

    return unless @sources;

    run('sources', 'cppcheck', '-q', '--error-exitcode=1', '--std=c11',
        '--enable=warning,performance,portability', '-Isrc', '-It/core',
        @sources);
}


sub check_compilers {
    @compilers = qw(gcc clang) unless @compilers;

    my @nginx = map { "$nginx/$_" }
                qw(src/core src/event src/event/modules src/os/unix src/http
                   src/http/modules src/http/v2 objs) if defined $nginx;

    for my $file (grep { m{\A(?:src|t/core|t/fuzz|bench)/.*\.c\z} } @files) {
        my @includes = qw(-Isrc -It/core);

        if (slurp($file) =~ /^#include\s+[<"]ngx_/m) {
            next unless @nginx;
            push @includes, map { ('-isystem', $_) } @nginx;
        }

        for my $compiler (@compilers) {
            run($file, $compiler, split(' ', $WARNINGS), @includes,
                '-DPROFILE_ROOT=""', '-c', '-o', '/dev/null', $file);
        }
    }
}
