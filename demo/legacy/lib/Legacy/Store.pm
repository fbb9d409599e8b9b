package Legacy::Store;

# Users in SQLite.  A user is two JSON objects, what the identity provider and
# the system say (profile) and the one flat bag of metadata, and a third, made
# at each write: what v1 shows, the bag merged into the root of the profile.

use strict;
use warnings;

use DBD::SQLite::Constants qw(DBD_SQLITE_STRING_MODE_BYTES);
use DBI;
use Digest::SHA qw(sha256_hex);
use Encode ();
use POSIX qw(strftime);
use Time::HiRes qw(time);

use Legacy::Token;
use Legacy::Json qw(members element_texts merge object text string);

use constant LAYOUT => 2;

my @SCHEMA = (
    'CREATE TABLE settings (
        name TEXT PRIMARY KEY,
        value TEXT NOT NULL
    )',
    'CREATE TABLE connections (
        name TEXT PRIMARY KEY,
        strategy TEXT NOT NULL,
        social INTEGER NOT NULL
    )',

    # account is what no two users of a connection share; email and name are
    # those shown, folded, for the search

    'CREATE TABLE users (
        id INTEGER PRIMARY KEY,
        user_id TEXT NOT NULL UNIQUE,
        connection TEXT NOT NULL REFERENCES connections (name),
        account TEXT,
        email TEXT NOT NULL,
        name TEXT NOT NULL,
        password TEXT,
        profile TEXT NOT NULL,
        metadata TEXT NOT NULL,
        document TEXT NOT NULL,
        UNIQUE (connection, account)
    )',
    'CREATE TABLE events (
        id INTEGER PRIMARY KEY,
        user INTEGER NOT NULL REFERENCES users (id) ON DELETE CASCADE,
        entry TEXT NOT NULL
    )',

    # a password that comes with the ticket is set when the ticket is used

    'CREATE TABLE tickets (
        id TEXT PRIMARY KEY,
        user INTEGER NOT NULL REFERENCES users (id) ON DELETE CASCADE,
        kind TEXT NOT NULL,
        password TEXT,
        result_url TEXT
    )',
);

my %SCOPE = (
    all => '1',
    connection => 'connection = ?',
    social => 'connection IN (SELECT name FROM connections WHERE social)',
    enterprise => "connection IN (SELECT name FROM connections
        WHERE NOT social AND strategy NOT IN ('auth0', 'email', 'sms'))",
);

# Metadata shadows what it likes, but not the members that say who this is.

my %OWN = map { $_ => 1 } qw(_id user_id identities);

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
    $db->sqlite_create_function('member_matches', 3, \&_member_matches);

    my ($tables) = $db->selectrow_array('SELECT count(*) FROM sqlite_master');
    $self->{fresh} = !$tables;

    if ($tables) {
        my $layout = eval { $self->setting('layout') } // 'none';
        die "it holds other data (layout $layout)\n" if $layout ne LAYOUT;
    }

    return $self;
}

sub fresh { return $_[0]{fresh} }

# Tables and users at once, or nothing: a start that was cut short leaves no
# half of a seed behind.

sub create {
    my ($self, $secret, $next_user) = @_;

    $self->_transaction(sub {
        $self->{db}->do($_) for @SCHEMA;
        $self->_set_setting('layout', LAYOUT);
        $self->_set_setting('secret', $secret);

        while (my ($profile, $metadata) = $next_user->()) {
            $self->insert(members($profile), members($metadata));
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

# The strategy of a connection, undef for an unknown one.

sub strategy {
    my ($self, $connection) = @_;

    return scalar $self->{db}->selectrow_array(
        'SELECT strategy FROM connections WHERE name = ?', undef, $connection);
}

sub taken {
    my ($self, $connection, $account) = @_;

    return scalar $self->{db}->selectrow_array(
        'SELECT id FROM users WHERE connection = ? AND account = ?', undef,
        $connection, _fold($account));
}

sub insert {
    my ($self, $profile, $metadata, $password) = @_;

    my %value = map { $_->[0] => $_->[2] } @$profile;
    my ($main) = @{element_texts($value{identities})};
    my %identity = map { $_->[0] => $_->[2] } @{members($main)};
    my $connection = text($identity{connection});
    my $account = text($value{email}) // text($value{phone_number});

    $self->{db}->do('INSERT OR IGNORE INTO connections VALUES (?, ?, ?)',
        undef, $connection, text($identity{provider}),
        $identity{isSocial} eq 'true' ? 1 : 0);

    $self->{db}->do('INSERT INTO users (user_id, connection, account, email,
        name, password, profile, metadata, document)
        VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)', undef, text($value{user_id}),
        $connection, defined $account ? _fold($account) : undef,
        _shown($profile, $metadata),
        defined $password ? _hash($password) : undef,
        object($profile), object($metadata), _document($profile, $metadata));

    my $user = $self->user(text($value{user_id}));

    $self->_event($user, 's', text($value{lastLogin}), $value{lastIP})
        if defined $value{lastLogin};

    return $user;
}

# What has happened to a user: the newest first.

sub events {
    my ($self, $user, $limit, $offset) = @_;

    return $self->{db}->selectcol_arrayref('SELECT entry FROM events
        WHERE user = ? ORDER BY id DESC LIMIT ? OFFSET ?', undef, $user->{id},
        $limit, $offset);
}

sub log_event {
    my ($self, $user, $type) = @_;

    $self->_event($user, $type, now());
}

sub now {
    my $now = time;

    return sprintf '%s.%03dZ', strftime('%Y-%m-%dT%H:%M:%S', gmtime $now),
        1000 * ($now - int $now);
}

sub _event {
    my ($self, $user, $type, $date, $ip) = @_;

    my $entry = sprintf '{"_id":"%s","date":"%s","type":"%s","connection":%s,'
        . '"user_id":%s,"user_name":%s%s}', Legacy::Token::random(12), $date,
        $type, map({ string($user->{$_}) } qw(connection user_id email)),
        defined $ip ? qq(,"ip":$ip) : '';

    $self->{db}->do('INSERT INTO events (user, entry) VALUES (?, ?)', undef,
        $user->{id}, $entry);
}

# Returns the id of a ticket, which is good for one use.

sub add_ticket {
    my ($self, $user, $kind, $result_url, $password) = @_;

    my $id = Legacy::Token::random(16);

    $self->{db}->do('INSERT INTO tickets VALUES (?, ?, ?, ?, ?)', undef, $id,
        $user->{id}, $kind, defined $password ? _hash($password) : undef,
        $result_url);

    return $id;
}

# The ticket with its user_id, undef if there is none of this kind.

sub ticket {
    my ($self, $id, $kind) = @_;

    return $self->{db}->selectrow_hashref('SELECT tickets.*, user_id
        FROM tickets JOIN users ON users.id = user
        WHERE tickets.id = ? AND kind = ?', undef, $id, $kind);
}

sub use_ticket {
    my ($self, $ticket, $password) = @_;

    $self->_transaction(sub {
        $self->{db}->do('DELETE FROM tickets WHERE id = ?', undef,
            $ticket->{id});

        my $user = $self->user($ticket->{user_id});

        if ($ticket->{kind} eq 'password') {
            $self->{db}->do('UPDATE users SET password = ? WHERE id = ?',
                undef, $ticket->{password} // _hash($password), $user->{id});

        } else {
            $self->_store($user, merge(members($user->{profile}),
                [['email_verified', '"email_verified"', 'true']]),
                members($user->{metadata}));
        }
    });
}

# What v1 shows of a user, undef if there is none of this id.

sub document {
    my ($self, $user_id) = @_;

    my $statement = $self->{db}->prepare_cached(
        'SELECT document FROM users WHERE user_id = ?');

    return scalar $self->{db}->selectrow_array($statement, undef, $user_id);
}

sub user {
    my ($self, $user_id) = @_;

    return $self->{db}->selectrow_hashref('SELECT users.*, strategy FROM users
        JOIN connections ON connections.name = connection WHERE user_id = ?',
        undef, $user_id);
}

# The documents of a scope from an offset on; terms as _condition() has them.

sub list {
    my ($self, $scope, $connection, $terms, $limit, $offset) = @_;

    my @where = $SCOPE{$scope};
    my @values = $scope eq 'connection' ? $connection : ();

    for my $term (@$terms) {
        my ($condition, @arguments) = _condition(@$term);
        push @where, $condition;
        push @values, @arguments;
    }

    return $self->{db}->selectcol_arrayref('SELECT document FROM users WHERE '
        . join(' AND ', @where) . ' ORDER BY id LIMIT ? OFFSET ?', undef,
        @values, $limit, $offset);
}

sub replace_metadata {
    my ($self, $user, $metadata) = @_;

    return $self->_store($user, members($user->{profile}), $metadata);
}

sub patch_metadata {
    my ($self, $user, $metadata) = @_;

    return $self->replace_metadata($user,
        merge(members($user->{metadata}), $metadata));
}

sub set_email {
    my ($self, $user, $email) = @_;

    my $profile = merge(members($user->{profile}), [
        ['email', '"email"', string($email)],
        ['email_verified', '"email_verified"', 'false'],
    ]);

    $self->_transaction(sub {
        $self->_store($user, $profile, members($user->{metadata}));
        $self->{db}->do('UPDATE users SET account = ? WHERE id = ?', undef,
            _fold($email), $user->{id});
    });
}

sub set_password {
    my ($self, $user, $password) = @_;

    $self->{db}->do('UPDATE users SET password = ? WHERE id = ?', undef,
        _hash($password), $user->{id});
}

sub delete_user {
    my ($self, $user_id) = @_;

    return 0 < $self->{db}->do('DELETE FROM users WHERE user_id = ?', undef,
        $user_id);
}

sub delete_all {
    my ($self) = @_;

    $self->{db}->do('DELETE FROM users');
}

sub _store {
    my ($self, $user, $profile, $metadata) = @_;

    my $document = _document($profile, $metadata);

    $self->{db}->do('UPDATE users SET email = ?, name = ?, profile = ?,
        metadata = ?, document = ? WHERE id = ?', undef,
        _shown($profile, $metadata), object($profile), object($metadata),
        $document, $user->{id});

    return $document;
}

sub _set_setting {
    my ($self, $name, $value) = @_;

    $self->{db}->do('INSERT INTO settings VALUES (?, ?)', undef, $name, $value);
}

sub _transaction {
    my ($self, $work) = @_;

    $self->{db}->begin_work;

    if (!eval { $work->(); 1 }) {
        my $error = $@;
        $self->{db}->rollback;
        die $error;
    }

    $self->{db}->commit;
}

sub _merged {
    my ($profile, $metadata) = @_;

    return merge($profile, [grep { !$OWN{$_->[0]} } @$metadata]);
}

sub _document {
    return object(_merged(@_));
}

# E-mail and name as v1 shows them, for the search.

sub _shown {
    my %value = map { $_->[0] => $_->[2] } @{_merged(@_)};

    return map { _fold(text($value{$_}) // '') } qw(email name);
}

# A search term becomes a condition: without a field "begins with" on name or
# e-mail, with one "contains" on a string, "equals" on anything else.

sub _condition {
    my ($field, $wanted) = @_;

    my $folded = _fold($wanted);

    return ('(instr(name, ?) = 1 OR instr(email, ?) = 1)', $folded, $folded)
        if !defined $field;
    return ("instr($field, ?) > 0", $folded)
        if $field eq 'email' || $field eq 'name';
    return ('member_matches(document, ?, ?)', $field, $wanted);
}

sub _member_matches {
    my ($document, $field, $wanted) = @_;

    for my $member (@{members($document)}) {
        next if $member->[0] ne $field;

        my $text = text($member->[2]);
        my $matches = defined $text
            ? index(_fold($text), _fold($wanted)) >= 0
            : $member->[2] eq $wanted;
        return $matches ? 1 : 0;
    }

    return 0;
}

sub _fold {
    my ($bytes) = @_;

    return Encode::encode('UTF-8', CORE::fc Encode::decode('UTF-8', $bytes));
}

sub _hash {
    my ($password) = @_;

    my $salt = substr sha256_hex(join ' ', time, $$, rand), 0, 16;

    return "$salt:" . sha256_hex($salt . $password);
}

1;
