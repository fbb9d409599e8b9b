package Legacy::Server;

# A backend as a program: its command line, its database, its log, and the
# server on 127.0.0.1 until TERM or INT.

use strict;
use warnings;

use FindBin;
use Getopt::Long;

# The reactor on EV, where installed, sees a signal up to a second late.

BEGIN { $ENV{MOJO_REACTOR} = 'Mojo::Reactor::Poll' }

use Mojo::IOLoop;
use Mojo::Server::Daemon;

use Legacy::RequestLog;
use Legacy::Token;

# The classes of the application and of the store; "users" makes the users that
# a new database begins with, and "flags" are options of this backend alone,
# attributes of its application.

sub run {
    my (%server) = @_;

    my $option = _options($server{flags} // []);

    my $store = _attempt("cannot use the database $option->{db}", sub {
        my $opened = $server{store}->open($option->{db});

        $opened->create(Legacy::Token::random(32),
                        $server{users}->($option->{users}))
            if $opened->fresh;

        return $opened;
    });

    if ($option->{'seed-only'}) {
        $store->close;
        return;
    }

    my $request_log;

    if (defined $option->{'request-log'}) {
        $request_log = _attempt('cannot log requests', sub {
            Legacy::RequestLog->open($option->{'request-log'});
        });
    }

    my $app = $server{app}->new(
        store => $store,
        request_log => $request_log,
        pretty => $option->{pretty},
        map { tr/-/_/r => $option->{$_} } @{$server{flags} // []},
    );

    $app->renderer->compress($option->{gzip} ? 1 : 0);

    _serve($app, $option->{port});
    $store->close;
}

sub _options {
    my ($flags) = @_;

    my %option = (port => 0, db => ':memory:', users => 200);

    my $understood = GetOptions(\%option, 'port=i', 'db=s', 'users=i',
        'request-log=s', 'seed-only', @$flags, 'pretty', 'gzip');

    return \%option
        if $understood && !@ARGV && $option{users} >= 0
           && $option{port} >= 0 && $option{port} <= 65535;

    print STDERR "usage: $FindBin::Script [--port N] [--db FILE] [--users N]"
        . " [--request-log FILE]\n                 "
        . join(' ', map { "[--$_]" } 'seed-only', @$flags, 'pretty', 'gzip')
        . "\n";
    exit 2;
}

sub _serve {
    my ($app, $port) = @_;

    my $daemon = Mojo::Server::Daemon->new(
        app => $app,
        listen => ["http://127.0.0.1:$port"],
        keep_alive_timeout => 75,
        max_requests => 1_000_000,
        silent => 1,
    );

    _attempt("cannot listen on 127.0.0.1:$port", sub { $daemon->start });

    $app->authority('127.0.0.1:' . $daemon->ports->[0]);

    # From inside the loop, where the handlers for TERM and INT are in place:
    # who has read the line can stop the server properly.

    Mojo::IOLoop->next_tick(sub {
        local $| = 1;
        printf "listening on %s\n", $app->authority;
    });

    $daemon->run;
}

sub _attempt {
    my ($what, $work) = @_;

    my $result = eval { $work->() };
    return $result if defined $result;

    my ($reason) = $@ =~ /\A(.*?)(?: at \S+ line \d+\.?)?\s*\z/s;

    print STDERR "$FindBin::Script: $what: $reason\n";
    exit 1;
}

1;
