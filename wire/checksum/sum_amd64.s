//go:build amd64 && !purego

#include "textflag.h"

// func sumBlocks(p *byte, n int) uint64
//
// AVX2 has no carry. So each 64-bit lane keeps two sums: of its words v modulo
// 2^64, in Y0 and Y1, and of their upper halves, in Y2 and Y3, which cannot
// overflow. The sum of the lower halves is then v's less the upper halves'
// shifted into place; it is exact, for it does not reach 2^64 either.
TEXT ·sumBlocks(SB), NOSPLIT, $0-24
	MOVQ  p+0(FP), SI
	MOVQ  n+8(FP), CX
	VPXOR Y0, Y0, Y0
	VPXOR Y1, Y1, Y1
	VPXOR Y2, Y2, Y2
	VPXOR Y3, Y3, Y3

loop:
	VMOVDQU 0(SI), Y4
	VMOVDQU 32(SI), Y5
	VMOVDQU 64(SI), Y6
	VMOVDQU 96(SI), Y7
	VPADDQ  Y4, Y0, Y0
	VPADDQ  Y5, Y1, Y1
	VPADDQ  Y6, Y0, Y0
	VPADDQ  Y7, Y1, Y1
	VPSRLQ  $32, Y4, Y4
	VPSRLQ  $32, Y5, Y5
	VPSRLQ  $32, Y6, Y6
	VPSRLQ  $32, Y7, Y7
	VPADDQ  Y4, Y2, Y2
	VPADDQ  Y5, Y3, Y3
	VPADDQ  Y6, Y2, Y2
	VPADDQ  Y7, Y3, Y3
	ADDQ    $128, SI
	DECQ    CX
	JNZ     loop

	VPADDQ Y1, Y0, Y0
	VPADDQ Y3, Y2, Y2
	VPSLLQ $32, Y2, Y1
	VPSUBQ Y1, Y0, Y0 // lower halves
	VPADDQ Y2, Y0, Y0 // and upper halves, as words of 32 bits

	VEXTRACTI128 $1, Y0, X1
	VPADDQ       X1, X0, X0
	VPSRLDQ      $8, X0, X1
	VPADDQ       X1, X0, X0
	VMOVQ        X0, AX
	VZEROUPPER
	MOVQ         AX, ret+16(FP)
	RET
