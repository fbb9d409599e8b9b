#!/usr/bin/perl

# Proves that a next page of v1 is seen however its Link says so, and that a
# client who asks for pages of another kind than v1 has is told (U5.1, U5.2,
# U5.4).  It fails when a list without its end looks whole, when what is no next
# page counts as one, and when a client would get the first page again and
# again.

use lib 't/lib';
use ProfileTest;

use JSON::PP qw(decode_json);

my $t = ProfileTest->new(log => 'info');

my $user = '{"user_id":"auth0|1","email":"a@b.c"}';
my @next = (
    ['</u?page=1>; rel="next"'],
    ['</u?page=1>; rel=next'],
    ['</u?page=1>;rel=next;title="x"'],
    ['</u?page=1> ; rel = "next"'],
    ["</u?page=1>;\trel\t=\tnext"],
    ['</u?page=1>; REL="NEXT"'],
    ['</u?page=1>; Rel=Next'],
    ['</u?page=1>; rel="prev next"'],
    ['</u?page=1>; rel="next last"'],
    ["</u?page=1>; rel=\"first\tnext  last\""],
    ["</u?page=1>; rel='next'"],
    ['</u?page=0>; rel="prev", </u?page=1>; rel="next"'],
    ['</u?page=0>; rel=prev,</u?page=1>; rel=next'],
    ['</u?page=0>; rel="first"', '</u?page=1>; rel="next"'],
    ['</u>; title="a \" b", </u>; rel="next"'],
    ['</u>; title="a, b; c", </u>; rel="next"'],
    ['</u>; title*=UTF-8\'\'x; rel=next'],
    ['</u?a=b;c,d>; rel=next'],
    ['</u; rel=next'],
    ['; rel=next'],
    ['</u>; crossorigin; rel="next"'],
    ['</u>; rel="next'],
);

my @none = (
    [],
    ['</u?page=0>; rel="prev"'],
    ['</u?rel=next>; rel="prev"'],
    ['</u?a=;%20rel="next">; rel=last'],
    ['</u>; title="rel=next"; rel="prev"'],
    ['</u>; title="a \"; rel=next"; rel=prev'],
    ['</u>; rel="nextish"'],
    ['</u>; rel="next-archive"'],
    ['</u>; rel=http://a.example/next'],
    ['</u>; xrel=next'],
    ['</u>; rel'],
    ['</u>; rel='],
    ['</u>; rel="'],
    ['</u>; rel = '],
    ['</u>; next'],
    ['<'],
    ['>, ;=, "'],
    ['</u>; rel="prev"', '</u>; rel="last"'],
    [''],
);

my @links = (@next, @none);

my $backend = $t->backend({ '*' => sub {
    my ($conn, $request) = @_;

    my ($n) = $request->{uri} =~ /search=(?:email:%22)?(\d+)/;

    return { body => "[$user]",
             headers => [map { (Link => $_) } @{ $links[$n // -1] }] };
} });

$t->conf(<<'END');
    include profile/auth0.conf;

    upstream profile_backend {
        server %%BACKEND%%;
    }

    server {
        listen 127.0.0.1:%%PORT%%;

        set $profile_search_v1 1;
        include profile/gateway.conf;
    }
END

$t->start;

my $list = '/api/v2/users';


# Links

for my $n (0 .. $#links) {
    my $more = $n < @next ? 1 : 0;
    my $name = join ' and ', @{ $links[$n] };
    my $r = $t->get("$list?include_totals=true&q=$n");

    is(decode_json($r->body)->{total}, 1 + $more, "U5.2 Link: $name");
    is($t->get("$list-by-email?email=$n\@b.c")->status, $more ? 502 : 200,
       "U5.4 Link: $name");
    is($r->header('Link'), undef, "U5.5 Link: $name");
}

# Pages that begin behind a user

my $invalid = qr/\A\{"statusCode":400,"error":"Bad\ Request","message":
                 "The\ argument\ \\"(\w+)\\"\ is\ not\ offered\ by\ this
                 \ gateway\.","errorCode":"invalid_query_string"\}\z/x;

for my $uri ($list, "$list/auth0%7C1/logs") {
    for my $row (
        ['from=abc', 'from'],
        ['take=50', 'take'],
        ['take=0', 'take'],
        ['from=abc&take=50', 'from'],
        ['take=50&from=abc&page=0', 'from'],
        ['page=0&per_page=50&take=50', 'take'],
        ['from=0&include_totals=true', 'from'],
        ['from=%20', 'from'],
        ['from=%26', 'from'],
    ) {
        my ($args, $name) = @$row;

        $backend->forget;

        my $r = $t->get("$uri?$args");

        is($r->status, 400, "U5.1 $uri?$args");
        is(($r->body =~ $invalid)[0], $name, "U5.1 $uri?$args: by name");
        is(scalar $backend->requests, 0, "U5.1 $uri?$args: nothing goes up");
    }

    for my $args ('from=', 'take=', 'from=&take=&page=1', 'froms=a&mistake=2',
                  'q=from%3Dx%26take%3D1')
    {
        is($t->get("$uri?$args")->status, 200, "U5.1 $uri?$args");
    }

    is($t->get("$uri?from=%FF")->status, 400, "U2.2 $uri?from=%FF");
}

# Where there are no pages all is in one anyway.

is($t->get("$list-by-email?email=a\@b.c&from=x&take=1")->body,
   $t->get("$list-by-email?email=a\@b.c")->body, 'U5.4 no pages');
is($t->request('POST', "$list?take=5", 'Content-Type' => 'application/json',
               ':body' => '{"connection":"db","email":"a@b.c"}')->status, 201,
   'U5.1 a create has none');

done_testing;
