#!/usr/bin/perl

# README.md, docs/ and what lies beside the sources say what is: every
# configuration loads, every profile becomes what stands beside it, rules that
# are cited exist, all that the source knows is documented and nothing else,
# links lead somewhere.

use lib 't/lib';
use ProfileTest;

use File::Basename qw(dirname);
use File::Find ();

my $t = ProfileTest->new(log => 'info');

my @docs = ('README.md', sources(qr{\.md\z}));
my %text = map { $_ => slurp($_) } @docs;
my %blocks = map { $_ => [blocks($text{$_})] } @docs;
my %anchors = map { $_ => { map { $_ => 1 } anchors($text{$_}) } } @docs;

my %WRAP = (
    main => \&wrap_main,
    http => \&wrap_http,
    server => sub { return wrap_http("server {\n$_[0]\n}\n") },
    location => sub { return wrap_http("server { location / {\n$_[0]\n} }\n") },
    schema => sub { return wrap_http("profile_schema example {\n$_[0]\n}\n") },
);

examples_load();
examples_rewrite();
examples_refused();
rules_exist();
directives_documented();
statements_documented();
variables_documented();
metrics_documented();
reasons_documented();
sources_documented();
tests_documented();
targets_exist();
links_resolve();

done_testing;


sub slurp {
    my ($name) = @_;

    my $path = $t->top . "/$name";
    open my $fh, '<', $path or die "$path: $!";
    local $/;

    return scalar <$fh>;
}


# The files whose paths match, named from the top.

sub sources {
    my ($re) = @_;

    my @found;
    my $top = $t->top;

    File::Find::find({ no_chdir => 1, wanted => sub {
        $File::Find::prune = 1 if m{/node_modules\z};
        push @found, s{\A\Q$top\E/}{}r if -f && $_ =~ $re;
    } }, map { "$top/$_" } qw(src t conf demo docs html bench util));

    return sort @found;
}


# The fenced blocks of a page: language, context and options, text, line.

sub blocks {
    my ($text) = @_;

    my @found;

    while ($text =~ /^([ ]*)```(\w*)[ ]?([^\n]*)\n(.*?)^\1```$/msg) {
        my ($indent, $language, $info, $body) = ($1, $2, $3, $4);
        my $line = 1 + (substr($text, 0, $-[0]) =~ tr/\n//);

        push @found, { language => $language, info => $info, line => $line,
                       text => $body =~ s/^\Q$indent\E//mgr };
    }

    return @found;
}


# What is not in a fenced block.

sub prose {
    my ($text) = @_;

    return $text =~ s/^([ ]*)```.*?^\1```$//msgr;
}


# The places that a link can lead to: ids, and headings as they are on GitHub.

sub anchors {
    my ($text) = @_;

    my $prose = prose($text);

    return ($prose =~ /<a id="([^"]+)">/g,
            map { lc(s/[`*]//gr =~ s/[^\w\s-]//gr) =~ s/\s/-/gr }
            $prose =~ /^#+ (.*)$/mg);
}


sub section {
    my ($page, $title) = @_;

    my ($section) = $text{$page} =~ /^## \Q$title\E\n(.*?)(?=^## |\z)/ms;

    return $section // die "no section \"$title\" in $page";
}


sub serve {
    my ($http) = @_;

    $t->conf("include profile/auth0.conf;\n$http");
    $t->start;
}


# The rows of tables, without their heads' lines, in cells.

sub rows {
    my ($section) = @_;

    return map { [map { s/\A\s+|\s+\z//gr } split /(?<!\\)\|/, $_] }
           $section =~ /^\|(?! ---| *\|)(.*)\|$/mg;
}


# A configuration is made whole: what the pages say that examples assume, and
# ports and files of the test's own.

sub wrap_http {
    my ($text) = @_;

    my $port = 0;

    $text =~ s/^\s*listen [^;]*;\n//mg;
    $text =~ s/\bserver \{\K/' listen 127.0.0.1:%%PORT_' . $port++ . '%%;'/ge;
    $text =~ s{/var/log/nginx\b}{%%DIR%%}g;

    $text = "include profile/auth0.conf;\n$text"
        if $text !~ /include profile\/auth0\.conf;/;
    $text = "upstream profile_backend { server 127.0.0.1:1; }\n$text"
        if $text !~ /upstream profile_backend/;
    $text = "profile_zone profiles 1m;\n$text"
        if $text =~ /profile_metrics profiles/
           && $text !~ /profile_zone profiles/;

    return ($text);
}


sub wrap_main {
    my ($text) = @_;

    my $globals = 'pid ' . $t->dir . '/example.pid;';

    $globals .= " load_module $ENV{PROFILE_MODULE};" if $ENV{PROFILE_MODULE};

    $text =~ s/^load_module modules\/ngx_http_profile_module\.so;\n//m;
    $text =~ s/^http \{/http {\n    access_log off;/m;

    return ($t->expand($text), whole => 1, globals => $globals);
}


sub examples_load {
    my $n = 0;

    for my $page (@docs) {
        for my $block (grep { $_->{language} eq 'nginx' } @{ $blocks{$page} }) {
            my $place = "$page:$block->{line}";
            my $wrap = $WRAP{ $block->{info} };

            if (!$wrap) {
                fail("$place names the context of its example");
                next;
            }

            my ($code, $output) = $t->test_conf($wrap->($block->{text}));

            is($code, 0, "$place loads") or diag($output);
            $n++;
        }
    }

    cmp_ok($n, '>', 50, 'the examples were found');
}


# A block "json v1" becomes the block "json v2" behind it, or is answered with
# the block "json error".  Lines were broken for the page only.

sub examples_rewrite {
    my ($http, $server, @examples) = ('', '');

    for my $page (@docs) {
        my ($schema, $example);

        for my $block (@{ $blocks{$page} }) {
            my $text = $block->{text} =~ s/\n\s*//gr;
            my $n = @examples;

            if ($block->{language} eq 'nginx' && $block->{info} eq 'schema') {
                $schema = $block->{text};

            } elsif ($block->{language} ne 'json') {
                undef $schema;

            } elsif ($block->{info} =~ /\Av1((?: \w+=\S+)*)\z/) {
                my $options = $1 // '';
                my $name = 'auth0';

                if (defined $schema) {
                    $name = "example_$n";
                    $http .= "profile_schema $name {\n$schema\n}\n";
                }

                $server .= "location = /$n { alias %%DIR%%/$n.json;"
                           . " profile_rewrite $name$options; }\n";
                $t->write_file("$n.json", $text);

                $example = { n => $n, place => "$page:$block->{line}" };
                push @examples, $example;
                undef $schema;

            } else {
                $example->{expected} = $text;
                $example->{status} = $block->{info} eq 'v2' ? 200 : 502;

                fail("$page:$block->{line} is a known kind of JSON")
                    if $block->{info} !~ /\A(?:v2|error)\z/;
            }
        }
    }

    serve(<<"END");
        $http
        server {
            listen 127.0.0.1:%%PORT%%;
            types { }
            default_type application/json;
            $server
        }
END

    for my $example (@examples) {
        my $r = $t->get("/$example->{n}");

        is($r->status, $example->{status}, "$example->{place} has its status");
        is($r->body, $example->{expected}, "$example->{place} becomes so");
    }

    cmp_ok(scalar @examples, '>', 25, 'the profiles were found');

    $t->stop;
}


# A block "http" is a request that the guard refuses, and the answer.

sub examples_refused {
    my $n = 0;

    serve(<<'END');
        server {
            listen 127.0.0.1:%%PORT%%;

            location /api/v2/ {
                profile_guard auth0 mode=v2;
                profile_user_id /api/v2/users/*;
            }

            location /api/v2/tickets/ {
                profile_guard auth0 mode=call id=user_id;
            }

            location /api/ {
                profile_guard auth0 mode=v1;
                profile_user_id /api/users/*/metadata;
            }
        }
END

    for my $page (@docs) {
        for my $block (grep { $_->{language} eq 'http' } @{ $blocks{$page} }) {
            my ($method, $uri, $body, $status, $answer) = $block->{text}
                =~ /\A([A-Z]+) (\S+)\n(.*)\n\n(\d+) (.*)\n\z/;

            my $r = $t->request($method, $uri, ':body' => $body,
                                'Content-Type' => 'application/json');

            is($r->status, $status, "$page:$block->{line} is refused");
            is($r->body, $answer, "$page:$block->{line} is answered so");
            $n++;
        }
    }

    cmp_ok($n, '>', 2, 'the requests were found');

    $t->stop;
}


# Each rule has its number in bold behind an anchor of the same name; numbers
# leave no gap.

sub rules_exist {
    my (%rules, %numbers);

    for my $page (@docs) {
        my @lost;

        while ($text{$page} =~ /^(?:<a[ ]id="([mhu][\d.]+)"><\/a>\n)?
                                (?:\*\*|\#\#[ ])([MHU]\d+(?:\.\d+)?)\b/mxg)
        {
            my ($anchor, $rule) = ($1 // '', $2);
            my ($chapter, $number) = split /\./, $rule;

            push @lost, $rule if $anchor ne lc $rule;
            push @{ $numbers{$chapter} }, $number // ();
            $rules{$rule}++;
        }

        is_deeply(\@lost, [], "each rule of $page has its anchor");
    }

    is(scalar(keys %numbers), 24, 'all chapters are there');
    is_deeply([grep { $rules{$_} > 1 } sort keys %rules], [],
              'each rule stands once');

    is_deeply($numbers{$_}, [1 .. @{ $numbers{$_} }], "$_ has no gap")
        for sort keys %numbers;

    my %cited;

    for my $file (sources(qr{\.(?:[cht]|p[lm]|conf|sh|m?js|json)\z}),
                  'Makefile', 'config', @docs)
    {
        next if $file =~ m{\A(?:t/samples/(?!manifest)|demo/\w+/seed/)};

        $cited{$_}{$file} = 1
            for slurp($file) =~ /(?<![\w.])([MHU]\d\.\d+)\b/g;
    }

    delete @cited{keys %rules};

    is_deeply(\%cited, {}, 'rules that are cited exist');
}


# What the source's tables say of directives: name and contexts.

sub directives_documented {
    my %contexts = (NGX_HTTP_MAIN_CONF => 'http', NGX_HTTP_SRV_CONF => 'server',
                    NGX_HTTP_LOC_CONF => 'location',
                    NGX_HTTP_LIF_CONF => 'if in location');
    my %known;

    for my $file (sources(qr{/src/(?:\w+/)?ngx_\w+\.c\z})) {
        my $source = slurp($file);

        while ($source =~ /\{\s*ngx_string\("(\w+)"\),
                           \s*((?:NGX_\w+[|\s]*)+),/xg)
        {
            my ($name, $flags) = ($1, $2);

            $known{$name} = join ', ', map { "`$contexts{$_}`" }
                                       grep { $contexts{$_} } $flags =~ /\w+/g;
        }
    }

    my $section = section('docs/directives.md', 'Directives');
    my %told;

    while ($section =~ /^### (\w+)\n\n(.*?)(?=^### |\z)/msg) {
        my ($name, $body) = ($1, $2);

        ($told{$name}) = $body =~ /\A
            \*\*Syntax:\*\*[ ]`$name[ ][^`]+`<br>\n
            \*\*Default:\*\*[ ](?:`$name[ ][^`]+;`|none)<br>\n
            \*\*Context:\*\*[ ](`.*`)\n/x;

        ok(defined $told{$name}, "$name has its head");
        like($body, qr/^```nginx/m, "$name has an example");
    }

    is_deeply(\%told, \%known, 'directives are those of the source');

    my ($alphabet) = $text{'docs/directives.md'}
                     =~ /^\*\*By alphabet:\*\*\n(.*?)\n\n/ms;
    my ($contexts) = $text{'docs/directives.md'}
                     =~ /^\*\*By context:\*\*\n\n(.*?)\n\n/ms;

    is_deeply([$alphabet =~ /\(#(\w+)\)/g], [sort keys %told],
              'the index by alphabet has all directives');

    my %listed;

    for my $row (rows($contexts)) {
        $listed{$_} = $row->[0] for $row->[1] =~ /\(#(profile_\w+)\)/g;
    }

    is_deeply(\%listed, \%told, 'the index by context has all directives');

    my %short = map { $_ => '' } section('README.md', 'Reference')
                =~ /\(docs\/directives\.md#(profile_\w+)\)/g;

    is_deeply([sort keys %short], [sort keys %told],
              'the table of README.md has all directives');
}


# Statements of a schema with their arguments.

sub statements_documented {
    my %known;
    my $source = slurp('src/core/schema/profile_schema_build.c');
    my ($table) = $source =~ /profile_statements\[\] = \{(.*?)^\};/ms;

    $known{$1} = "$1 $2;"
        while $table =~ /profile_string\("(\w+)"\)[^"]*"([^"]+)"\s*\}/g;

    my $section = section('docs/directives.md', 'Statements of profile_schema');
    my %told;

    while ($section =~ /^### (\w+)\n\n(.*?)(?=^### |\z)/msg) {
        my ($name, $body) = ($1, $2);

        ($told{$name}) = $body =~ /\A\*\*Syntax:\*\* `([^`]+)`/;
        like($body, qr/^```nginx schema$/m, "$name has an example");
    }

    is_deeply(\%told, \%known, 'statements are those of the source');

    my ($row) = $text{'docs/directives.md'}
                =~ /^\| \[`profile_schema`\]\(#statements[^|]*\| (.*) \|$/m;

    is_deeply([$row =~ /\(#(\w+)\)/g], [sort keys %told],
              'the index has all statements');
}


sub variables_documented {
    my %known;

    for my $file (sources(qr{/src/(?:\w+/)?ngx_\w+\.c\z})) {
        $known{ $_ =~ s/_\z/_NAME/r } = 1
            for slurp($file) =~ /\{\s*ngx_string\("(\w+)"\),\s*NULL,/g;
    }

    my %told = map { $_ => 1 }
               map { $_->[0] =~ /`\$(\w+)`/g }
               rows(section('docs/directives.md', 'Variables'));

    is_deeply([sort keys %told], [sort keys %known],
              'variables are those of the source');
}


# What the status page shows: names and labels, but for those of all.

sub metrics_documented {
    my (%known, %told);

    serve(<<'END');
        profile_zone docs 1m;
        server {
            listen 127.0.0.1:%%PORT%%;
            location / { profile_status prometheus; }
        }
END

    my $page = $t->get('/')->body;

    $t->stop;

    for my $name ($page =~ /^# TYPE (\w+) /mg) {
        my ($labels) = $page =~ /^$name(?:_sum)?\{([^}]*)\}/m;

        $known{$name} = join ' ', grep { !/\A(?:zone|key)\z/ }
                                       $labels =~ /(\w+)="/g;
    }

    for my $row (rows(section('docs/directives.md', 'Metrics'))) {
        my ($name) = $row->[0] =~ /`(\w+)`/ or next;

        $told{$name} = join ' ', $row->[1] =~ /(?:\A|; )`(\w+)`/g;
    }

    is_deeply(\%told, \%known, 'metrics are those of the status page');
}


sub reasons_documented {
    my @known = grep { $_ ne '' }
                slurp('src/core/profile_reason.c')
                =~ /PROFILE_(?:REASON|BODY|BLOCK)\(PROFILE_\w+,\s*"(\w*)"/g;
    my ($table) = $text{'README.md'} =~ /^### The reasons\n\n(.*?)\n\n/ms;

    is_deeply([map { $_->[0] =~ /`(\w+)`/ } rows($table)], \@known,
              'reasons are those of the source, in its order');
}


# docs/architecture.md lists the files.

sub sources_documented {
    my %known = map { m{([^/]+)\.c\z} => 1 } sources(qr{/src/.*\.c\z});
    my %told = map { $_ => 1 }
               grep { /\A(?:ngx_http_)?profile_/ }
               map { "@$_[0, 1]" =~ /`(\w+)`/g }
               rows($text{'docs/architecture.md'});

    is_deeply([sort keys %told], [sort keys %known],
              'source files are those of the tree');
}


# t/README.md tells what the numbers of the test files mean, and how one looks.

sub tests_documented {
    my %known = map { m{\At/(\d)\d-} ? ("${1}x" => 1) : () } sources(qr{\.t\z});
    my @told = map { $_->[0] =~ /`(\dx)`/ } rows($text{'t/README.md'});

    is_deeply(\@told, [sort keys %known], 'numbers of tests are those there');

    my ($example) = grep { $_->{language} eq 'perl' }
                    @{ $blocks{'t/README.md'} };
    my $file = $t->write_file('example.t', $example->{text});
    my $out = qx{$^X $file 2>&1};

    is($?, 0, "t/README.md:$example->{line} passes") or diag($out);
}


sub targets_exist {
    my %targets = map { $_ => 1 } slurp('Makefile') =~ /^([a-z-]+):.*##/mg;

    for my $page (@docs) {
        my %named = map { $_ => 1 }
                    $text{$page} =~ /(?:`|^[ ]*(?:sudo )?)make ([a-z-]+)/mg;

        ok($targets{$_}, "$page names the target $_") for sort keys %named;
    }
}


sub links_resolve {
    for my $page (@docs) {
        my @links = prose($text{$page}) =~ /\]\(([^)]+)\)/g;

        is_deeply([grep { !resolves($page, $_) } @links], [],
                  "links of $page lead somewhere");
    }
}


sub resolves {
    my ($page, $link) = @_;

    return 1 if $link =~ /\Ahttps:/;

    my ($path, $anchor) = $link =~ /\A([^#]*)(?:#(.*))?\z/;
    my $target = $path eq '' ? $page : dirname($page) . "/$path";

    $target =~ s{\A\./}{};
    $target =~ s{\A[^/]+/\.\./}{};

    return -e $t->top . "/$target"
           && (!defined $anchor || $anchors{$target}{$anchor});
}
