package Legacy::Database;

# A store of users in one SQLite file, made and seeded at once.  Texts are
# bytes.  A store that is built on it says what its tables are (layout, schema,
# functions) and how a user of the seed comes in (add_seeded).

use strict;
use warnings;

use DBD::SQLite::Constants qw(DBD_SQLITE_STRING_MODE_BYTES);
use DBI;
use Digest::SHA qw(sha256_hex);
use Encode ();
use Exporter 'import';
use POSIX qw(strftime);
use Time::HiRes qw(time);

our @EXPORT_OK = qw(fold hash now);

my $SETTINGS = 'CREATE TABLE settings (
    name TEXT PRIMARY KEY,
    value TEXT NOT NULL
)';

sub open {
    my ($class, $file) = @_;

    my $db = DBI->connect("dbi:SQLite:dbname=$file", '', '', {
        RaiseError => 1,
        PrintError => 0,
        sqlite_string_mode => DBD_SQLITE_STRING_MODE_BYTES,
    });

    my $self = bless { db => $db }, $class;

    $db->do('PRAGMA journal_mode = WAL');
    $db->do('PRAGMA synchronous = NORMAL');
    $db->do('PRAGMA foreign_keys = ON');

    my %functions = $self->functions;
    $db->sqlite_create_function($_, @{$functions{$_}}) for keys %functions;

    my ($tables) = $db->selectrow_array('SELECT count(*) FROM sqlite_master');
    $self->{fresh} = !$tables;

    if ($tables) {
        my $layout = eval { $self->setting('layout') } // 'none';
        die "it holds other data (layout $layout)\n"
            if $layout ne $self->layout;
    }

    return $self;
}

# Functions of SQL: the number of arguments, and the code.

sub functions { return () }

sub fresh { return $_[0]{fresh} }

# Tables and users at once, or nothing: a start that was cut short leaves no
# half of a seed behind.

sub create {
    my ($self, $secret, $next_user) = @_;

    $self->transaction(sub {
        $self->{db}->do($_) for $SETTINGS, $self->schema;
        $self->set_setting('layout', $self->layout);
        $self->set_setting('secret', $secret);

        while (my @parts = $next_user->()) {
            $self->add_seeded(@parts);
        }
    });

    $self->{fresh} = 0;
}

sub close {
    my ($self) = @_;

    $self->{db}->disconnect;
}

sub setting {
    my ($self, $name) = @_;

    return scalar $self->{db}->selectrow_array(
        'SELECT value FROM settings WHERE name = ?', undef, $name);
}

sub set_setting {
    my ($self, $name, $value) = @_;

    $self->{db}->do('INSERT INTO settings VALUES (?, ?)', undef, $name, $value);
}

sub transaction {
    my ($self, $work) = @_;

    $self->{db}->begin_work;

    if (!eval { $work->(); 1 }) {
        my $error = $@;
        $self->{db}->rollback;
        die $error;
    }

    $self->{db}->commit;
}

# Text without regard to letter case.

sub fold {
    my ($bytes) = @_;

    return Encode::encode('UTF-8', CORE::fc Encode::decode('UTF-8', $bytes));
}

sub hash {
    my ($password) = @_;

    my $salt = substr sha256_hex(join ' ', time, $$, rand), 0, 16;

    return "$salt:" . sha256_hex($salt . $password);
}

sub now {
    my $now = time;

    return sprintf '%s.%03dZ', strftime('%Y-%m-%dT%H:%M:%S', gmtime $now),
        1000 * ($now - int $now);
}

1;
