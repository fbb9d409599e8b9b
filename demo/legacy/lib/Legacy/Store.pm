package Legacy::Store;

# Users in SQLite.  A user is two JSON objects, what the identity provider and
# the system say (profile) and the one flat bag of metadata, and a third, made
# at each write: what v1 shows, the bag merged into the root of the profile.

use strict;
use warnings;

use parent 'Legacy::Database';

use Legacy::Database qw(fold hash now);
use Legacy::Json qw(members element_texts merge object text string);
use Legacy::Token;

use constant layout => 2;

my @SCHEMA = (
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

sub schema { return @SCHEMA }

sub functions { return (member_matches => [3, \&_member_matches]) }

sub add_seeded {
    my ($self, $profile, $metadata) = @_;

    $self->insert(members($profile), members($metadata));
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
        $connection, fold($account));
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
        $connection, defined $account ? fold($account) : undef,
        _shown($profile, $metadata),
        defined $password ? hash($password) : undef,
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
        $user->{id}, $kind, defined $password ? hash($password) : undef,
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

    $self->transaction(sub {
        $self->{db}->do('DELETE FROM tickets WHERE id = ?', undef,
            $ticket->{id});

        my $user = $self->user($ticket->{user_id});

        if ($ticket->{kind} eq 'password') {
            $self->{db}->do('UPDATE users SET password = ? WHERE id = ?',
                undef, $ticket->{password} // hash($password), $user->{id});

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

    $self->transaction(sub {
        $self->_store($user, $profile, members($user->{metadata}));
        $self->{db}->do('UPDATE users SET account = ? WHERE id = ?', undef,
            fold($email), $user->{id});
    });
}

sub set_password {
    my ($self, $user, $password) = @_;

    $self->{db}->do('UPDATE users SET password = ? WHERE id = ?', undef,
        hash($password), $user->{id});
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

    return map { fold(text($value{$_}) // '') } qw(email name);
}

# A search term becomes a condition: without a field "begins with" on name or
# e-mail, with one "contains" on a string, "equals" on anything else.

sub _condition {
    my ($field, $wanted) = @_;

    my $folded = fold($wanted);

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
            ? index(fold($text), fold($wanted)) >= 0
            : $member->[2] eq $wanted;
        return $matches ? 1 : 0;
    }

    return 0;
}

1;
