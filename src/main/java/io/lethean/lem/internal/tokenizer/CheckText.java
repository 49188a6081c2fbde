package io.lethean.lem.internal.tokenizer;

/** The text that llama.cpp's converter tells pre-tokenizers apart by: spaces, signs, scripts, numbers, contractions. */
final class CheckText {

    static final String TEXT = "\n \n\n \n\n\n \t \t\t \t\n  \n   \n    \n     \n\uD83D\uDE80 (normal) \uD83D\uDE36"
            + "\u200D\uD83C\uDF2B\uFE0F (multiple emojis concatenated) \u2705 \uD83E\uDD99\uD83E\uDD99 "
            + "3 33 333 3333 33333 333333 3333333 33333333 3.3 3..3 3...3 \u1780\u17B6\u1793\u17CB"
            + "\u178F\u17C2\u1796\u17B7\u179F\u17C1\u179F\u17A2\u17B6\u1785\uD83D\uDE01 ?\u6211\u60F3"
            + "\u5728apple\u5DE5\u4F5C1314151\u5929\uFF5E ------======= \u043D\u0435\u0449\u043E \u043D"
            + "\u0430 \u0411\u044A\u043B\u0433\u0430\u0440\u0441\u043A\u0438 ''''''```````\"\"\"\"....."
            + ".!!!!!!?????? I've been 'told he's there, 'RE you sure? 'M not sure I'll make it, 'D you"
            + " like some tea? We'Ve a'lL";

    private CheckText() {}
}
