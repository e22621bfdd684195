#!/usr/bin/perl
# SPDX-License-Identifier: GPL-2.0-or-later
# takeover.pl ADDRESS/PREFIX DEVICE BUCKET: makes a cluster IP of 6 buckets, of which this node has 1 and 2, takes over
# one more, and prints what the kernel then has. With FFI::Platypus; nothing is compiled.
use strict;
use warnings;
use FFI::Platypus 2.00;
use FFI::Platypus::Buffer qw(scalar_to_buffer);
use JSON::PP;

# the functions that are used; handles are opaque, results are written to what opaque* refers to
my $ffi = FFI::Platypus->new(api => 2, lib => 'libclusterip.so.0');
$ffi->attach(@$_) for (
	['cip_new' => ['opaque*'] => 'int'],
	['cip_unref' => ['opaque'] => 'opaque'],
	['cip_get_error' => ['opaque'] => 'string'],
	['cip_cluster_new' => ['opaque', 'opaque*'] => 'int'],
	['cip_cluster_unref' => ['opaque'] => 'opaque'],
	['cip_cluster_parse' => ['opaque', 'string'] => 'int'],
	['cip_cluster_get_address' => ['opaque', 'opaque', 'size_t'] => 'int'],
	['cip_cluster_get_total_nodes' => ['opaque'] => 'uint32'],
	['cip_cluster_next_bucket' => ['opaque', 'uint32'] => 'uint32'],
	['cip_create' => ['opaque', 'opaque'] => 'int'],
	['cip_add_buckets' => ['opaque', 'string', 'string', 'string'] => 'int'],
	['cip_query_one' => ['opaque', 'string', 'string', 'opaque*'] => 'int'],
);

my ($ctx, $wanted, $found);
END {
	cip_cluster_unref($_) for grep { defined } $found, $wanted;
	cip_unref($ctx) if defined $ctx;
}

# A failure has a sentence.
sub check {
	my ($result) = @_;
	return if $result >= 0;
	print STDERR cip_get_error($ctx), "\n";
	exit 1;
}

sub address_of {
	my ($cluster) = @_;
	my $text = "\0" x 46;
	my ($pointer, $size) = scalar_to_buffer($text);
	check(cip_cluster_get_address($cluster, $pointer, $size));
	return $text =~ s/\0.*//sr;
}

sub buckets_of {
	my ($cluster) = @_;
	my ($bucket, @buckets) = (0);
	push @buckets, $bucket while $bucket = cip_cluster_next_bucket($cluster, $bucket);
	return \@buckets;
}

@ARGV == 3 or die "usage: $0 ADDRESS/PREFIX DEVICE BUCKET\n";
cip_new(\$ctx) == 0 or die "no memory\n";
check(cip_cluster_new($ctx, \$wanted));
check(cip_cluster_parse($wanted, "$ARGV[0] dev $ARGV[1] total 6 buckets 1,2"));
my $address = address_of($wanted);
check(cip_create($ctx, $wanted));
check(cip_add_buckets($ctx, $address, undef, $ARGV[2]));
check(cip_query_one($ctx, $address, undef, \$found));
print JSON::PP->new->canonical->encode({
	address => address_of($found),
	total => cip_cluster_get_total_nodes($found),
	buckets => buckets_of($found),
}), "\n";
