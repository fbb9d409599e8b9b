package ProfileTest::Node;

# Tests that run on Node: their packages, and their TAP as ours.

use strict;
use warnings;

use Exporter qw(import);
use Fcntl qw(LOCK_EX);
use Test::More ();

our @EXPORT_OK = qw(have_node install_packages run_node make_certificate);


# Where there is no Node a test can be skipped, but not where all have to run.

sub have_node {
    return 1 if grep { -x "$_/node" } split /:/, $ENV{PATH};

    die "Node is missing, and CI=true wants all tests\n"
        if ($ENV{CI} // '') eq 'true';

    return 0;
}


# The packages of a directory, by the versions of its lock file.

sub install_packages {
    my ($dir) = @_;

    my $lock = "$dir/package-lock.json";
    my $done = "$dir/node_modules/.package-lock.json";

    # Two runs at a time do not install into the same place.

    open my $fh, '<', $lock or die "$lock: $!";
    flock $fh, LOCK_EX or die "$lock: $!";

    return if -e $done && -M $done <= -M $lock;

    my $out = qx{npm ci --prefix '$dir' --ignore-scripts --no-audit --no-fund \\
                 2>&1 </dev/null};

    $? == 0 or die "npm ci in $dir failed:\n$out";
}


# A certificate of 127.0.0.1, for this run only: cert.pem and key.pem, which
# Node trusts.

sub make_certificate {
    my ($dir) = @_;

    my $out = qx{openssl req -x509 -newkey ec -pkeyopt \\
                 ec_paramgen_curve:P-256 -nodes -days 2 -subj /CN=127.0.0.1 \\
                 -addext subjectAltName=IP:127.0.0.1 \\
                 -keyout $dir/key.pem -out $dir/cert.pem 2>&1};

    $? == 0 or die "openssl: $out";

    $ENV{NODE_EXTRA_CA_CERTS} = "$dir/cert.pem";
}


# Runs a script that prints TAP and says what it says; returns its exit code.

sub run_node {
    my (@command) = @_;

    open my $tap, '-|', 'node', @command or die "node: $!";

    my $planned;
    my $count = 0;

    while (my $line = <$tap>) {
        chomp $line;

        if (my ($not, $name) = $line =~ /\A(not )?ok \d+ - (.*)/) {
            Test::More::ok(!$not, $name =~ s/\\#/#/gr);
            $count++;

        } elsif ($line =~ /\A1\.\.(\d+)\z/) {
            $planned = $1;

        } else {
            Test::More::diag($line =~ s/\A# ?//r);
        }
    }

    close $tap;

    my $rc = $? >> 8;

    Test::More::is($count, $planned // 'none', 'the topics ran to their end');

    return $rc;
}


1;
