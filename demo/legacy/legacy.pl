#!/usr/bin/perl

# A legacy backend: the users API v1 on a SQLite file.  See README.md.

use strict;
use warnings;

use FindBin;
use Getopt::Long;
use lib "$FindBin::Bin/lib";

# The reactor on EV, where installed, sees a signal up to a second late.

BEGIN { $ENV{MOJO_REACTOR} = 'Mojo::Reactor::Poll' }

use Mojo::IOLoop;
use Mojo::Server::Daemon;

use Legacy::App;
use Legacy::RequestLog;
use Legacy::Seed;
use Legacy::Store;
use Legacy::Token;

my %option = (port => 0, db => ':memory:', users => 200);

my $understood = GetOptions(\%option, 'port=i', 'db=s', 'users=i',
    'request-log=s', 'seed-only', 'require-auth', 'pretty', 'gzip');

if (!$understood || @ARGV || $option{users} < 0
    || $option{port} < 0 || $option{port} > 65535)
{
    print STDERR "usage: legacy.pl [--port N] [--db FILE] [--users N]"
        . " [--request-log FILE]\n                 [--seed-only]"
        . " [--require-auth] [--pretty] [--gzip]\n";
    exit 2;
}

my $store = attempt("cannot use the database $option{db}", sub {
    my $opened = Legacy::Store->open($option{db});

    $opened->create(Legacy::Token::random(32),
                    Legacy::Seed::users("$FindBin::Bin/seed", $option{users}))
        if $opened->fresh;

    return $opened;
});

if ($option{'seed-only'}) {
    $store->close;
    exit 0;
}

my $request_log;

if (defined $option{'request-log'}) {
    $request_log = attempt('cannot log requests', sub {
        Legacy::RequestLog->open($option{'request-log'});
    });
}

my $app = Legacy::App->new(
    store => $store,
    request_log => $request_log,
    require_auth => $option{'require-auth'},
    pretty => $option{pretty},
);

$app->renderer->compress($option{gzip} ? 1 : 0);

my $daemon = Mojo::Server::Daemon->new(
    app => $app,
    listen => ["http://127.0.0.1:$option{port}"],
    keep_alive_timeout => 75,
    max_requests => 1_000_000,
    silent => 1,
);

attempt("cannot listen on 127.0.0.1:$option{port}", sub { $daemon->start });

$app->authority('127.0.0.1:' . $daemon->ports->[0]);

# From inside the loop, where the handlers for TERM and INT are in place: who
# has read the line can stop the server properly.

Mojo::IOLoop->next_tick(sub {
    local $| = 1;
    printf "listening on %s\n", $app->authority;
});

$daemon->run;
$store->close;

sub attempt {
    my ($what, $work) = @_;

    my $result = eval { $work->() };
    return $result if defined $result;

    my ($reason) = $@ =~ /\A(.*?)(?: at \S+ line \d+\.?)?\s*\z/s;

    print STDERR "legacy.pl: $what: $reason\n";
    exit 1;
}
