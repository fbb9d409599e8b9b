package ProfileTest::Traffic;

# Mixed traffic for t/soak.pl: what the backend answers, and clients that do
# one thing after another, by chance, and know of each what may come of it.

use strict;
use warnings;

use IO::Compress::Gzip qw(gzip);
use POSIX ();
use Time::HiRes qw(time sleep);

use ProfileTest::Client;
use ProfileTest::HTTP2;

# Lists: the number of users in each.

my %LISTS = (none => 0, small => 10, list => 100, large => 2000,
             huge => 20000);

my (%v1, %v2, %gzip);

sub _user {
    my ($n) = @_;

    my $mail = qq("email":"u$n\@example.com");

    return (qq({"_id":"$n","user_id":"auth0|$n",$mail,"lastLogin":"x",)
            . qq("um_hobby":"surf","plan":"p$n"}),
            qq({"user_id":"auth0|$n",$mail,"last_login":"x",)
            . qq("app_metadata":{"plan":"p$n"},)
            . '"user_metadata":{"hobby":"surf"}}');
}

for my $name (keys %LISTS) {
    my @users = map { [ _user($_) ] } 1 .. $LISTS{$name};

    $v1{$name} = '[' . join(',', map { $_->[0] } @users) . ']';
    $v2{$name} = '[' . join(',', map { $_->[1] } @users) . ']';
}

($v1{one}, $v2{one}) = _user(1);

gzip(\$v1{$_} => \$gzip{$_}) for keys %v1;


# The answers of the scripted backend.

sub answers {
    my %table = (
        '/empty'  => '',
        '/bad'    => '{"user_id":"auth0|1",}',
        '/late'   => "$v1{large}x",
        '/cut'    => { body => $v1{large}, cut => 100000 },
        '/reset'  => { body => $v1{large}, cut => 100000, reset => 1 },
        '/half'   => sub { $_[0]->send("HTTP/1.1 200 OK\r\nContent-T");
                           $_[0]->close; undef },
        '/silent' => sub { $_[0]->abort; undef },
        '/auth0%7C1' => { body => $v1{one} },
        '/text'   => { type => 'text/plain', body => 'no JSON' },
        '*'       => { status => 404, body => '{"error":"none"}' },
    );

    for my $name (keys %v1) {
        $table{"/$name"} = { body => $v1{$name} };
        $table{"/chunked/$name"} = { body => $v1{$name}, chunk => 7000,
                                     framing => 'chunked' };
        $table{"/gzip/$name"} = { body => $gzip{$name}, headers => [
                                  'Content-Encoding' => 'gzip' ] };
    }

    return \%table;
}


# Starts a client; it goes on until the file "stop" exists, and writes what
# came of it to the file "result", a line each: a number, what, and an example.
# "whole" is as it should be, "broken" is a response that ends too early, as
# that of a worker that was killed does.

sub client {
    my ($class, %opt) = @_;

    my $pid = fork // die "fork: $!";

    return $pid if $pid;

    srand $opt{seed};

    my $self = bless { %opt, count => {}, example => {} }, $class;

    until (-e $opt{stop}) {
        my $thing = $self->_pick;
        my $how = eval { $self->{things}{$thing}->() };

        $how = "died: $@" if $@ ne '';

        if ($how !~ /\A(?:whole|broken)\z/) {
            $self->{example}{$thing} //= substr $how, 0, 300;
            $how = 'wrong';
        }

        $self->{count}{"$how $thing"}++;
    }

    open my $fh, '>', $opt{result} or POSIX::_exit(1);

    for my $key (sort keys %{ $self->{count} }) {
        my ($thing) = $key =~ /\Awrong (.*)/;
        my $example = $thing ? $self->{example}{$thing} =~ s/\s+/ /gr : '';

        print {$fh} "$self->{count}{$key} $key\t$example\n";
    }

    POSIX::_exit(close $fh ? 0 : 1);
}


# One of the things, the frequent ones more often.

sub _pick {
    my ($self) = @_;

    $self->{things} //= { $self->things };
    $self->{draw} //= [ map { my $thing = $_;
                              my ($weight) = $thing =~ / x(\d+)\z/;
                              ($thing) x ($weight // 1) }
                        sort keys %{ $self->{things} } ];

    return $self->{draw}[rand @{ $self->{draw} }];
}


# The name of each thing may end in how often it is to be done.

sub things {
    my ($self) = @_;

    return ($self->_reads, $self->_failures, $self->_writes, $self->_leaves,
            $self->_upgrades);
}


sub _any { return $_[rand @_] }


# One request on a connection of its own: what came of it.

sub _ask {
    my ($self, $expected, $method, $uri, %opt) = @_;

    my $client = ProfileTest::Client->new(
        port => $opt{port} // $self->{port}, patience => $self->{patience},
        rcvbuf => $opt{rcvbuf});

    my %headers = %{ $opt{headers} // {} };

    $client->send(ProfileTest::Client::request_text($method, $uri, \%opt,
                                                    %headers));

    my $r = $client->response(method => $method);

    $client->close;
    $opt{taken}->($r) if $opt{taken};

    return _judge($expected, $r);
}


# What was expected: a status, and a body or a pattern; or nothing, and then
# the response must not look complete.

sub _judge {
    my ($expected, $r) = @_;

    my ($status, $body) = @$expected;

    return 'no end' if $r->timed_out;
    return $r->complete ? 'complete, ' . $r->status : 'whole'
        if !defined $status;
    return 'broken' if !$r->complete;
    return 'status ' . $r->status . ' ' . $r->body if $r->status != $status;
    return 'whole' if !defined $body;

    return ref $body ? ($r->body =~ $body ? 'whole' : 'body ' . $r->body)
                     : ($r->body eq $body ? 'whole' : 'another body');
}


sub _reads {
    my ($self) = @_;

    my @sizes = (('one') x 20, ('none') x 5, ('small') x 20, ('list') x 20,
                 ('large') x 4, 'huge');

    my $read = sub {
        my ($place) = @_;
        my $name = _any(@sizes);

        return $self->_ask([ 200, $v2{$name} ], 'GET', "$place/$name");
    };

    return (
        'rewritten x12' => sub { $read->('/v2') },
        'rewritten, chunked x4' => sub { $read->('/v2/chunked') },
        'rewritten, gzip x4' => sub { $read->('/v2/gzip') },
        'rewritten, HTTP/2 x4' => sub { $self->_streams(@sizes) },
        'rewritten, few buffers x2' => sub {
            $read->('/few' . _any('', '/chunked', '/gzip'));
        },
        'rewritten, slow reader' => sub {
            $self->_ask([ 200, $v2{large} ], 'GET',
                        '/v2' . _any('', '/chunked', '/gzip') . '/large',
                        rcvbuf => 4096);
        },
        'lasting connection x2' => sub { $self->_lasting(@sizes) },
        'HEAD' => sub {
            $self->_ask([ 200, '' ], 'HEAD', '/v2/' . _any(@sizes));
        },
        'text' => sub { $self->_ask([ 200, 'no JSON' ], 'GET', '/v2/text') },
        'not found' => sub {
            $self->_ask([ 404, '{"error":"none"}' ], 'GET', '/v2/nothing');
        },
        'dry run' => sub {
            my $name = _any(@sizes);

            $self->_ask([ 200, $v1{$name} ], 'GET', "/dry/$name");
        },
        'failing dry run' => sub {
            $self->_ask([ 200, '{"user_id":"auth0|1",}' ], 'GET', '/dry/bad');
        },
    );
}


# Some streams of a connection at once, one of which may be given up.

sub _streams {
    my ($self, @sizes) = @_;

    my $client = ProfileTest::HTTP2->new(port => $self->{port_http2},
                                         patience => $self->{patience});
    my @streams = map {
        my $name = _any(@sizes);

        { name => $name, id => $client->request('GET', "/v2/$name") };
    } 1 .. 1 + rand 5;

    if (rand() < 0.2) {
        my $left = pop @streams;

        $client->read_until($left->{id}, sub { $_[0]->length > 1000 });
        $client->rst($left->{id}, 8);
    }

    my @how = map { _judge([ 200, $v2{ $_->{name} } ],
                           $client->response($_->{id})) } @streams;

    $client->close;

    return (grep { $_ ne 'whole' && $_ ne 'broken' } @how)[0]
           // (grep { $_ eq 'broken' } @how)[0] // 'whole';
}


# Some requests on one connection, which nginx may close between them.

sub _lasting {
    my ($self, @sizes) = @_;

    my $client = ProfileTest::Client->new(port => $self->{port},
                                          patience => $self->{patience});
    my $how = 'whole';

    for (1 .. 10) {
        my $name = _any(@sizes);

        $client->send("GET /v2/$name HTTP/1.1\r\nHost: localhost\r\n\r\n");
        $how = _judge([ 200, $v2{$name} ], $client->response);

        last if $how ne 'whole' || $client->eof;
    }

    $client->close;

    return $how;
}


# What cannot be rewritten: refused, or cut where bytes have left.

sub _failures {
    my ($self) = @_;

    my $error = qr/\A\{"statusCode":502,.*"errorCode":"invalid_upstream/;
    my $page = qr/502 Bad Gateway/;

    return (
        'empty' => sub { $self->_ask([ 502, $error ], 'GET', '/v2/empty') },
        'no JSON' => sub { $self->_ask([ 502, $error ], 'GET', '/v2/bad') },
        'no JSON in the end' => sub { $self->_ask([], 'GET', '/v2/late') },
        'upstream cuts' => sub { $self->_ask([], 'GET', '/v2/cut') },
        'upstream resets' => sub { $self->_ask([], 'GET', '/v2/reset') },
        'half a header' => sub {
            $self->_ask([ 502, $page ], 'GET', '/v2/half');
        },
        'no answer' => sub { $self->_ask([ 502, $page ], 'GET', '/v2/silent') },
        'no upstream' => sub { $self->_ask([ 502, $page ], 'GET', '/dead/') },
    );
}


sub _writes {
    my ($self) = @_;

    my $json = { 'Content-Type' => 'application/json' };

    my $write = sub {
        my ($expected, $body, %opt) = @_;

        return $self->_ask($expected, 'PATCH', '/guard/auth0%7C1',
                           headers => $json, body => $body,
                           rand() < 0.3 ? (chunks => [ 7, 5000 ]) : (), %opt);
    };

    my $large = sub {
        return '{"user_metadata":{"a":"' . 'x' x rand(900000) . '"}}';
    };

    return (
        'write allowed x3' => sub {
            $write->([ 200 ], '{"user_metadata":{"a":1}}');
        },
        'large write allowed' => sub { $write->([ 200 ], $large->()) },
        'write refused x2' => sub {
            $write->([ 400, qr/last_login/ ], '{"last_login":1,"name":"x"}');
        },
        'write of no JSON' => sub {
            $write->([ 400, qr/"errorCode":"/ ], '{"user_metadata":{');
        },
        'write of another type' => sub {
            $write->([ 415 ], '{}', headers => {});
        },
        'write that is too large' => sub {
            $write->([ 413 ], '{"a":"' . 'x' x 1100000 . '"}', chunks => 0);
        },
        'write in a dry run' => sub {
            $self->_ask([ 200, $v1{one} ], 'PATCH', '/dry/guard/auth0%7C1',
                        headers => $json, body => '{"last_login":1}');
        },
    );
}


# Clients that do not stay to the end; nobody knows what came of it.

sub _leaves {
    my ($self) = @_;

    my $leave = sub {
        my ($head, $more) = @_;

        my $client = ProfileTest::Client->new(port => $self->{port},
                                              patience => $self->{patience});

        $client->send("$head\r\nHost: localhost\r\n$more");
        $client->fill(rand 0.05);
        rand() < 0.5 ? $client->abort : $client->close;

        return 'broken';
    };

    return (
        'leaves a response x2' => sub {
            $leave->('GET /v2/huge HTTP/1.1', "\r\n");
        },
        'leaves a header' => sub {
            $leave->('GET /v2/one HTTP/1.1', 'X-');
        },
        'leaves a write' => sub {
            $leave->('PATCH /guard/auth0%7C1 HTTP/1.1',
                     "Content-Length: 100000\r\n"
                     . "Content-Type: application/json\r\n\r\n"
                     . '{"user_metadata":{"a":"' . 'x' x rand 90000);
        },
    );
}


# The gateway before the legacy backend: a user from its creation to its end.

sub _upgrades {
    my ($self) = @_;

    my $v2 = sub {
        my ($expected, $method, $uri, $body, %opt) = @_;

        return $self->_ask($expected, $method, "/api/v2/$uri",
                           port => $self->{port_gateway}, body => $body,
                           headers => { 'Content-Type' => 'application/json' },
                           %opt);
    };

    my $life = sub {
        my $mail = sprintf 'u%d-%d@example.com', $$, $self->{born}++;
        my ($id, $how);

        $how = $v2->([ 201, qr/"user_id":"/ ], 'POST', 'users',
                     qq({"connection":"Username-Password-Authentication",)
                     . qq("email":"$mail","password":"correct horse",)
                     . '"user_metadata":{"hobby":"surf"}}', taken => sub {
                         ($id) = $_[0]->body =~ /"user_id":"auth0\|(\w+)"/ });

        return $how if $how ne 'whole';

        my $user = "users/auth0%7C$id";

        for ([ [ 200, qr/"hobby":"swim"/ ], 'PATCH', $user,
               '{"user_metadata":{"hobby":"swim"},"app_metadata":{"a":1}}' ],
             [ [ 200, qr/"email":"x$mail"/ ], 'PATCH', $user,
               qq({"email":"x$mail","user_metadata":{"n":[1]}}) ],
             [ [ 400, qr/operation_not_supported/ ], 'PATCH', $user,
               '{"blocked":true}' ],
             [ [ 200, qr/"n":\[1\]/ ], 'GET', $user ],
             [ [ 204 ], 'DELETE', $user ],
             [ [ 404, qr/"errorCode":"inexistent_user"/ ], 'GET', $user ])
        {
            $how = $v2->(@$_);
            last if $how ne 'whole';
        }

        return $how;
    };

    return (
        'life of a user x2' => $life,
        'list with totals' => sub {
            $v2->([ 200, qr/\A\{"users":\[.*\],"start":0,"limit":5,/ ],
                  'GET', 'users?include_totals=true&per_page=5');
        },
        'bad page' => sub {
            $v2->([ 400, qr/invalid_query_string/ ], 'GET', 'users?page=x');
        },
        'v1 as it was' => sub {
            $self->_ask([ 200, qr/\A\[\{"_id"/ ], 'GET',
                        '/api/users?per_page=3',
                        port => $self->{port_gateway});
        },
    );
}


1;
