/* Logarithms, the zero of silu'; from csrc/gen/log_constants.py: do not edit. */
/* clang-format off */
#ifndef OGIVE_ACCURATE_LOG_CONSTANTS_H
#define OGIVE_ACCURATE_LOG_CONSTANTS_H

#define LN2_FINE_HIGH 0x1.62e42fefa3800p-1 /* 0.69314718055989033: ln2 to 42 bits, exact times an 11-bit k */
#define LN2_FINE_MID 0x1.ef35793c76800p-45 /* 5.4979230187085024e-14: the next 42 bits, exact times an 11-bit k */
#define LN2_FINE_LOW -0x1.9ff0342542fc3p-90 /* -1.3124698417785255e-27: the next 53 bits */
/* log(1 + j/64) as a double-double */
static const double log_fine64[65][2] = {
    {0x0.0p+0, 0x0.0p+0},
    {0x1.fc0a8b0fc03e4p-7, -0x1.83092c59642a1p-62},
    {0x1.f829b0e783300p-6, 0x1.33e3f04f1ef23p-60},
    {0x1.77458f632dcfcp-5, 0x1.18d3ca87b9296p-59},
    {0x1.f0a30c01162a6p-5, 0x1.85f325c5bbacdp-59},
    {0x1.341d7961bd1d1p-4, -0x1.b599f227becbbp-58},
    {0x1.6f0d28ae56b4cp-4, -0x1.906d99184b992p-58},
    {0x1.a926d3a4ad563p-4, 0x1.942f48aa70ea9p-58},
    {0x1.e27076e2af2e6p-4, -0x1.61578001e0162p-60},
    {0x1.0d77e7cd08e59p-3, 0x1.9a5dc5e9030acp-57},
    {0x1.29552f81ff523p-3, 0x1.301771c407dbfp-57},
    {0x1.44d2b6ccb7d1ep-3, 0x1.9f4f6543e1f88p-57},
    {0x1.5ff3070a793d4p-3, -0x1.bc60efafc6f6ep-58},
    {0x1.7ab890210d909p-3, 0x1.be36b2d6a0608p-59},
    {0x1.9525a9cf456b4p-3, 0x1.d904c1d4e2e26p-57},
    {0x1.af3c94e80bff3p-3, -0x1.398cff3641985p-58},
    {0x1.c8ff7c79a9a22p-3, -0x1.4f689f8434012p-57},
    {0x1.e27076e2af2e6p-3, -0x1.61578001e0162p-59},
    {0x1.fb9186d5e3e2bp-3, -0x1.caaae64f21acbp-57},
    {0x1.0a324e27390e3p-2, 0x1.7dcfde8061c03p-56},
    {0x1.1675cababa60ep-2, 0x1.ce63eab883717p-61},
    {0x1.22941fbcf7966p-2, -0x1.76f5eb09628afp-56},
    {0x1.2e8e2bae11d31p-2, -0x1.8f4cdb95ebdf9p-56},
    {0x1.3a64c556945eap-2, -0x1.c68651945f97cp-57},
    {0x1.4618bc21c5ec2p-2, 0x1.f42decdeccf1dp-56},
    {0x1.51aad872df82dp-2, 0x1.3927ac19f55e3p-59},
    {0x1.5d1bdbf5809cap-2, 0x1.4236383dc7fe1p-56},
    {0x1.686c81e9b14afp-2, -0x1.ddea0f7f58e3dp-57},
    {0x1.739d7f6bbd007p-2, -0x1.8c76ceb014b04p-56},
    {0x1.7eaf83b82afc3p-2, 0x1.92ce979ed2950p-56},
    {0x1.89a3386c1425bp-2, -0x1.29639dfbbf0fbp-56},
    {0x1.947941c2116fbp-2, -0x1.16cc8bae0bbe4p-56},
    {0x1.9f323ecbf984cp-2, -0x1.a92e513217f5cp-59},
    {0x1.a9cec9a9a084ap-2, -0x1.cadec02b436afp-56},
    {0x1.b44f77bcc8f63p-2, -0x1.cd04495459c78p-56},
    {0x1.beb4d9da71b7cp-2, -0x1.0f3c590a887cap-59},
    {0x1.c8ff7c79a9a22p-2, -0x1.4f689f8434012p-56},
    {0x1.d32fe7e00ebd5p-2, 0x1.877b232fafa37p-56},
    {0x1.dd46a04c1c4a1p-2, -0x1.0467656d8b892p-56},
    {0x1.e744261d68788p-2, -0x1.c825c90c344b9p-58},
    {0x1.f128f5faf06edp-2, -0x1.328df13bb38c3p-56},
    {0x1.faf588f78f31fp-2, -0x1.328260d8abca0p-57},
    {0x1.02552a5a5d0ffp-1, -0x1.cb1cb51408c00p-56},
    {0x1.0723e5c1cdf40p-1, 0x1.395e58e2445bbp-55},
    {0x1.0be72e4252a83p-1, -0x1.259da11330801p-55},
    {0x1.109f39e2d4c97p-1, -0x1.0e09b27a4373ap-60},
    {0x1.154c3d2f4d5eap-1, -0x1.59c33171a6876p-55},
    {0x1.19ee6b467c96fp-1, -0x1.9d1a11443f10cp-56},
    {0x1.1e85f5e7040d0p-1, 0x1.ef62cd2f9f1e3p-56},
    {0x1.23130d7bebf43p-1, -0x1.f48725e374d6ep-55},
    {0x1.2795e1289b11bp-1, -0x1.487c0c246978ep-57},
    {0x1.2c0e9ed448e8cp-1, -0x1.1a158f3917586p-55},
    {0x1.307d7334f10bep-1, 0x1.fb590a1f566dap-57},
    {0x1.34e289d9ce1d3p-1, 0x1.6eb92d885ce4fp-57},
    {0x1.393e0d3562a1ap-1, -0x1.58eef67f2483ap-55},
    {0x1.3d9026a7156fbp-1, -0x1.6fef670bd4b62p-55},
    {0x1.41d8fe84672aep-1, 0x1.9192f30bd1806p-55},
    {0x1.4618bc21c5ec2p-1, 0x1.f42decdeccf1dp-55},
    {0x1.4a4f85db03ebbp-1, 0x1.13dfa3d3761b6p-60},
    {0x1.4e7d811b75bb1p-1, -0x1.8d3d9ea6e9ea9p-55},
    {0x1.52a2d265bc5abp-1, -0x1.1883750ea4d0ap-57},
    {0x1.56bf9d5b3f399p-1, 0x1.0471885cd8ff3p-55},
    {0x1.5ad404c359f2dp-1, -0x1.35955683f7196p-59},
    {0x1.5ee02a9241675p-1, 0x1.c358257f49082p-55},
    {0x1.62e42fefa39efp-1, 0x1.abc9e3b39803fp-56},
};
/* atanh(s) = s (1 + s^2/3 + s^4/5 + ...): 1/(2n + 1) as a double-double */
static const double atanh_taylor[7][2] = {
    {0x1.0000000000000p+0, 0x0.0p+0},
    {0x1.5555555555555p-2, 0x1.5555555555555p-56},
    {0x1.999999999999ap-3, -0x1.999999999999ap-57},
    {0x1.2492492492492p-3, 0x1.2492492492492p-57},
    {0x1.c71c71c71c71cp-4, 0x1.c71c71c71c71cp-58},
    {0x1.745d1745d1746p-4, -0x1.745d1745d1746p-59},
    {0x1.3b13b13b13b14p-4, -0x1.3b13b13b13b14p-58},
};

/* The zero of silu', in three parts. */
#define SILU_GRAD_ZERO_HIGH -0x1.474973c84120bp+0 /* -1.2784645427610737: nearest double */
#define SILU_GRAD_ZERO_MID -0x1.f8d74bc9ac154p-54 /* -1.0946994183093437e-16: the next 53 bits */
#define SILU_GRAD_ZERO_LOW -0x1.44a50180ba780p-108 /* -3.9077666761286649e-33: the next 53 bits */
/* silu'(zero + d) = d (c0 + c1 d + ...): c as double-doubles */
static const double silu_grad_taylor[8][2] = {
    {0x1.be1410460527fp-3, -0x1.2541062177473p-58},
    {0x1.2c563458cc0adp-3, -0x1.ae4095936c303p-57},
    {0x1.353eb573ca457p-6, 0x1.46b855da2e606p-60},
    {-0x1.f2d0e32bc2994p-7, 0x1.155818a10c18cp-61},
    {-0x1.b0f82c498fd2fp-8, -0x1.79085e7c00db7p-63},
    {0x1.098e92b8f076dp-13, -0x1.5040fe6e64011p-67},
    {0x1.a2a7caf0ee747p-11, -0x1.4e26fd7c84362p-65},
    {0x1.8574d136d4cb4p-13, -0x1.01d46fe42b972p-67},
};

#endif
